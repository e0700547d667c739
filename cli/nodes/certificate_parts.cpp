#include "cli/nodes/certificate_parts.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "core/base/encoding.hpp"

namespace fl::cli {
namespace {

constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxCommonName = 64;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Memory = std::unique_ptr<BIO, FreeBio>;

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

/// Nobody is asked for a password.
int no_password(char*, int, int, void*) {
  return 0;
}

/// An address as the bytes of a certificate, or nothing for a name.
std::string address_bytes(const std::string& host) {
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) {
    return {reinterpret_cast<const char*>(&four), sizeof four};
  }
  in6_addr six{};
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) {
    return {reinterpret_cast<const char*>(&six), sizeof six};
  }
  return {};
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

bool is_name(std::string_view host) {
  if (host.size() > kMaxHost) return false;
  for (;;) {
    const auto dot = host.find('.');
    if (!is_label(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) break;
    host.remove_prefix(dot + 1);
  }
  // 10.0.0.300 is an address with a slip, not a name: a name has a letter.
  return std::any_of(host.begin(), host.end(), [](char c) { return c > '9'; });
}

bool add_host(GENERAL_NAMES& names, const std::string& host) {
  const auto address = address_bytes(host);
  const std::string& bytes = address.empty() ? host : address;
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* value = address.empty() ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
  if (name == nullptr || value == nullptr ||
      ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) != 1) {
    GENERAL_NAME_free(name);
    ASN1_STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name, address.empty() ? GEN_DNS : GEN_IPADD, value);
  if (sk_GENERAL_NAME_push(&names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

}  // namespace

SecretKey new_key() {
  return SecretKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

Certificate new_certificate(EVP_PKEY* key, const std::string& common_name, Instant from,
                            Instant until) {
  Certificate out(X509_new());
  std::array<unsigned char, 16> serial{};
  if (!out || RAND_bytes(serial.data(), serial.size()) != 1) return nullptr;
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7F) | 0x40);  // positive, and never short
  const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(
      BN_bin2bn(serial.data(), serial.size(), nullptr), BN_free);
  auto* name = X509_get_subject_name(out.get());
  const auto shown = common_name.substr(0, kMaxCommonName);
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(out.get())) == nullptr ||
      X509_set_version(out.get(), X509_VERSION_3) != 1 ||
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(shown.data()),
                                 static_cast<int>(shown.size()), -1, 0) != 1 ||
      ASN1_TIME_set(X509_getm_notBefore(out.get()), from.ms / 1000) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(out.get()), until.ms / 1000) == nullptr ||
      X509_set_pubkey(out.get(), key) != 1) {
    return nullptr;
  }
  return out;
}

bool extend(X509& certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(&certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool add_hosts(X509& certificate, const std::vector<std::string>& hosts) {
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(sk_GENERAL_NAME_new_null(),
                                                                       GENERAL_NAMES_free);
  return names &&
         std::all_of(hosts.begin(), hosts.end(),
                     [&](const std::string& host) { return add_host(*names, host); }) &&
         X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names.get(), 0,
                           X509V3_ADD_DEFAULT) == 1;
}

Status check_host(const std::string& host) {
  if (!address_bytes(host).empty() || is_name(host)) return {};
  return fail(ErrorClass::malformed, "host_malformed", "--host",
              fmt::format("\"{}\" is neither a host name nor an IP address.", host));
}

std::string pem_of(X509& certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_X509(memory.get(), &certificate) != 1) return {};
  return text_of(memory.get());
}

std::string pem_of(EVP_PKEY& key) {
  const Memory memory(BIO_new(BIO_s_secmem()));
  if (!memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), &key, nullptr, nullptr, 0, nullptr,
                                               nullptr) != 1) {
    return {};
  }
  return text_of(memory.get());
}

Certificate certificate_from(const std::string& pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(memory ? PEM_read_bio_X509(memory.get(), nullptr, no_password, nullptr)
                            : nullptr);
}

SecretKey key_from(const std::string& pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return SecretKey(memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, no_password, nullptr)
                          : nullptr);
}

std::string fingerprint(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace fl::cli
