#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

/// What OpenSSL needs to be told to make a certificate. Null or false: OpenSSL failed.
namespace fl::cli {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using SecretKey = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

SecretKey new_key();  ///< Ed25519

/// A random serial, the key, the name and the time that it is valid; not signed yet.
Certificate new_certificate(EVP_PKEY* key, const std::string& common_name, Instant from,
                            Instant until);
/// An extension as openssl.cnf spells it; never with a name that somebody typed.
bool extend(X509& certificate, X509* issuer, int nid, const char* value);
/// Host names and IP addresses, each checked by `check_host`.
bool add_hosts(X509& certificate, const std::vector<std::string>& hosts);

/// A name of letters, digits and hyphens in labels, or an address. Errors: malformed
/// `host_malformed` of --host.
Status check_host(const std::string& host);

std::string pem_of(X509& certificate);
std::string pem_of(EVP_PKEY& key);
Certificate certificate_from(const std::string& pem);
SecretKey key_from(const std::string& pem);
std::string fingerprint(const X509& certificate);  ///< SHA-256 in hex

}  // namespace fl::cli
