#include "api/nodes/credentials.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <boost/asio/ssl.hpp>

namespace fl::nodes {
namespace ssl = boost::asio::ssl;
namespace {

Failure unusable(const std::filesystem::path& file, const std::string& why) {
  return fail(ErrorClass::unavailable, "node_certificate_unusable", file.string(),
              "The certificates of this node cannot be used: " + why + ".");
}

std::string last_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "it cannot be read" : reason;
}

Status check_key_is_secret(const std::filesystem::path& key) {
  struct stat info {};
  if (::stat(key.c_str(), &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorClass::unavailable, "key_exposed", key.string(),
                "Others may read this secret key: run chmod 600 on it, and think whether it is "
                "still secret.");
  }
  return {};
}

/// What every peer will check, so that a node which nobody would let in says so at its start.
Status check_own_certificate(SSL_CTX* context, const std::filesystem::path& file, int purpose) {
  struct Free {
    void operator()(X509_STORE_CTX* p) const { X509_STORE_CTX_free(p); }
  };
  const std::unique_ptr<X509_STORE_CTX, Free> check(X509_STORE_CTX_new());
  if (!check ||
      X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context),
                          SSL_CTX_get0_certificate(context), nullptr) != 1 ||
      X509_STORE_CTX_set_purpose(check.get(), purpose) != 1) {
    return unusable(file, last_error());
  }
  if (X509_verify_cert(check.get()) != 1) {
    return unusable(file, X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get())));
  }
  return {};
}

Status fill(ssl::context& context, const std::filesystem::path& directory, int purpose) {
  auto* native = context.native_handle();
  const auto authority = directory / "ca.pem";
  const auto certificate = directory / "node.pem";
  const auto key = directory / "node.key";
  ERR_clear_error();
  if (auto secret = check_key_is_secret(key); !secret) return secret;
  boost::system::error_code ec;
  // A key under a password would have OpenSSL ask the terminal for it.
  context.set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, ec);
  if (SSL_CTX_load_verify_file(native, authority.c_str()) != 1) {
    return unusable(authority, last_error());
  }
  if (SSL_CTX_use_certificate_chain_file(native, certificate.c_str()) != 1) {
    return unusable(certificate, last_error());
  }
  if (SSL_CTX_use_PrivateKey_file(native, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unusable(key, last_error());
  }
  SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return check_own_certificate(native, certificate, purpose);
}

}  // namespace

Credentials::Credentials()
    : server_(std::make_unique<ssl::context>(ssl::context::tls_server)),
      client_(std::make_unique<ssl::context>(ssl::context::tls_client)) {}
Credentials::~Credentials() = default;
Credentials::Credentials(Credentials&&) noexcept = default;

Result<Credentials> Credentials::load(const std::filesystem::path& directory) {
  Credentials out;
  if (auto s = fill(*out.server_, directory, X509_PURPOSE_SSL_SERVER); !s) return fail(s.error());
  if (auto s = fill(*out.client_, directory, X509_PURPOSE_SSL_CLIENT); !s) return fail(s.error());
  return out;
}

}  // namespace fl::nodes
