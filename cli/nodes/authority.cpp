#include "cli/nodes/authority.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "cli/new_file.hpp"
#include "cli/nodes/certificate_parts.hpp"

namespace fl::cli {
namespace {

constexpr Duration kClockSlack = minutes(60);  // a node whose clock is behind accepts it too
constexpr const char* kAuthorityName = "fanledger nodes";

struct Authority {
  Certificate certificate;
  SecretKey key;
  std::string pem;
};

Failure failed() {
  return fail(ErrorClass::unavailable, "certificate_failed", "",
              "OpenSSL could not make the certificate.");
}
Failure unusable(const std::filesystem::path& file, const char* why) {
  return fail(ErrorClass::unavailable, "authority_unusable", file.string(), why);
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Status make_folder(const std::filesystem::path& directory) {
  std::error_code ec;
  std::filesystem::create_directories(directory, ec);
  if (!std::filesystem::is_directory(directory, ec)) {
    return fail(ErrorClass::unavailable, "file_unwritable", directory.string(),
                "The folder cannot be made.");
  }
  return {};
}

/// Looked at first, so that no file is made where another would be refused.
Status check_room(const std::filesystem::path& directory,
                  std::initializer_list<const char*> files) {
  for (const auto* file : files) {
    if (auto absent = check_absent(directory / file); !absent) return absent;
  }
  return make_folder(directory);
}

Status write_key(const std::filesystem::path& file, EVP_PKEY& key) {
  auto pem = pem_of(key);
  if (pem.empty()) return failed();
  auto written = write_new_file(file, pem, 0600, false);
  OPENSSL_cleanse(pem.data(), pem.size());
  return written;
}

std::optional<Instant> end_of(const X509& certificate) {
  std::tm time{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &time) != 1) return std::nullopt;
  return Instant{static_cast<std::int64_t>(::timegm(&time)) * 1000};
}

Result<Authority> read_authority(const std::filesystem::path& directory, Instant now) {
  const auto key_file = directory / "ca.key";
  const auto certificate_file = directory / "ca.pem";
  struct stat info {};
  if (::stat(key_file.c_str(), &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return unusable(key_file,
                    "Others may read this secret key: run chmod 600 on it, and think whether it is "
                    "still secret.");
  }
  Authority out;
  out.pem = read(certificate_file);
  out.certificate = certificate_from(out.pem);
  if (!out.certificate) return unusable(certificate_file, "The certificate cannot be read.");
  auto key_pem = read(key_file);
  out.key = key_from(key_pem);
  OPENSSL_cleanse(key_pem.data(), key_pem.size());
  if (!out.key) return unusable(key_file, "The key cannot be read.");
  if (X509_check_private_key(out.certificate.get(), out.key.get()) != 1) {
    return unusable(key_file, "The key is not the one of ca.pem.");
  }
  const auto end = end_of(*out.certificate);
  if (!end || *end <= now) return unusable(certificate_file, "The authority has expired.");
  return out;
}

Status check_order(const CertificateOrder& order) {
  if (order.hosts.empty()) {
    return fail(ErrorClass::malformed, "host_missing", "--host",
                "A certificate is of at least one host name or IP address.");
  }
  for (const auto& host : order.hosts) {
    if (auto fit = check_host(host); !fit) return fit;
  }
  if (order.days < 1 || order.days > kMaxCertificateDays) {
    return fail(ErrorClass::malformed, "days_out_of_range", "--days",
                fmt::format("A certificate is valid for 1 to {} days.", kMaxCertificateDays));
  }
  return {};
}

/// Signs and writes it: the key first, so that a certificate without one never lies there.
Result<Issued> finish(Certificate certificate, SecretKey key, EVP_PKEY& signer,
                      const std::filesystem::path& directory, const std::string& name) {
  if (X509_sign(certificate.get(), &signer, nullptr) <= 0) return failed();
  const auto pem = pem_of(*certificate);
  const auto expires = end_of(*certificate);
  if (pem.empty() || !expires) return failed();
  Issued out{directory / (name + ".pem"), directory / (name + ".key"), fingerprint(*certificate),
             *expires};
  if (auto s = write_key(out.key, *key); !s) return fail(s.error());
  if (auto s = write_new_file(out.certificate, pem, 0644, false); !s) return fail(s.error());
  return out;
}

}  // namespace

Result<Issued> create_authority(const std::filesystem::path& directory, Instant now) {
  if (auto room = check_room(directory, {"ca.key", "ca.pem"}); !room) return fail(room.error());
  auto key = new_key();
  auto certificate = key ? new_certificate(key.get(), kAuthorityName, {now.ms - kClockSlack.ms},
                                           now + days(kAuthorityDays))
                         : nullptr;
  if (!certificate ||
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) != 1 ||
      !extend(*certificate, certificate.get(), NID_basic_constraints,
              "critical,CA:TRUE,pathlen:0") ||
      !extend(*certificate, certificate.get(), NID_key_usage, "critical,keyCertSign") ||
      !extend(*certificate, certificate.get(), NID_subject_key_identifier, "hash")) {
    return failed();
  }
  auto* signer = key.get();
  return finish(std::move(certificate), std::move(key), *signer, directory, "ca");
}

Result<Issued> issue_certificate(const std::filesystem::path& authority_directory,
                                 const CertificateOrder& order,
                                 const std::filesystem::path& directory, Instant now) {
  if (auto fit = check_order(order); !fit) return fail(fit.error());
  auto authority = read_authority(authority_directory, now);
  if (!authority) return fail(authority.error());
  if (auto room = check_room(directory, {"node.key", "node.pem", "ca.pem"}); !room) {
    return fail(room.error());
  }
  auto* issuer = authority->certificate.get();
  auto key = new_key();
  const auto until = std::min(now + days(order.days), *end_of(*issuer));
  auto certificate =
      key ? new_certificate(key.get(), order.hosts.front(), {now.ms - kClockSlack.ms}, until)
          : nullptr;
  if (!certificate || X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) != 1 ||
      !extend(*certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !extend(*certificate, issuer, NID_key_usage, "critical,digitalSignature") ||
      !extend(*certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth") ||
      !extend(*certificate, issuer, NID_subject_key_identifier, "hash") ||
      !extend(*certificate, issuer, NID_authority_key_identifier, "keyid:always") ||
      !add_hosts(*certificate, order.hosts)) {
    return failed();
  }
  auto issued = finish(std::move(certificate), std::move(key), *authority->key, directory, "node");
  if (!issued) return fail(issued.error());
  if (auto s = write_new_file(directory / "ca.pem", authority->pem, 0644, false); !s) {
    return fail(s.error());
  }
  return issued;
}

}  // namespace fl::cli
