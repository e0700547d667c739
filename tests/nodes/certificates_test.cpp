#include <doctest/doctest.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "cli/nodes/authority.hpp"
#include "cli/nodes/certificate_parts.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;

namespace {

const Instant kNow{1'780'000'000'000};

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777U;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

cli::CertificateOrder order_of(std::vector<std::string> hosts, int days = 30) {
  return {std::move(hosts), days};
}

std::string code_of(const Result<cli::Issued>& issued) {
  return issued ? "" : issued.error().code;
}

}  // namespace

TEST_CASE(
    "an authority is two files, its key is its owner's alone, and it signs nothing but nodes") {
  const test::TempDir dir;
  const auto made = cli::create_authority(dir / "a" / "ca", kNow);
  REQUIRE(made);
  CHECK(made->certificate == dir / "a" / "ca" / "ca.pem");
  CHECK(mode_of(made->key) == 0600);
  CHECK(mode_of(made->certificate) == 0644);
  CHECK(made->expires == kNow + days(3'653));
  const auto certificate = cli::certificate_from(text_of(made->certificate));
  REQUIRE(certificate);
  CHECK(X509_check_ca(certificate.get()) == 1);
  CHECK(X509_get_pathlen(certificate.get()) == 0);
  CHECK(X509_get_key_usage(certificate.get()) == KU_KEY_CERT_SIGN);
  CHECK(cli::fingerprint(*certificate) == made->fingerprint);
}

TEST_CASE("a node's certificate is of its hosts, for both ends of a link, and signed") {
  const test::TempDir dir;
  REQUIRE(cli::create_authority(dir / "ca", kNow));
  const auto made = cli::issue_certificate(
      dir / "ca", order_of({"node-1.example", "10.0.0.7", "fd00::7", std::string(70, 'a')}, 90),
      dir / "node", kNow);
  REQUIRE_FALSE(made);  // a label has at most 63 characters
  const std::string long_name = std::string(60, 'a') + "." + std::string(60, 'b') + ".example";
  const auto node = cli::issue_certificate(
      dir / "ca", order_of({long_name, "node-1.example", "10.0.0.7", "fd00::7"}, 90), dir / "node",
      kNow);
  REQUIRE(node);
  CHECK(node->expires == kNow + days(90));
  CHECK(mode_of(node->key) == 0600);
  CHECK(text_of(dir / "node" / "ca.pem") == text_of(dir / "ca" / "ca.pem"));
  CHECK_FALSE(std::filesystem::exists(dir / "node" / "ca.key"));
  const auto certificate = cli::certificate_from(text_of(node->certificate));
  const auto authority = cli::certificate_from(text_of(dir / "ca" / "ca.pem"));
  REQUIRE(certificate);
  CHECK(X509_check_ca(certificate.get()) == 0);
  CHECK(X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1);
  CHECK(X509_get_extended_key_usage(certificate.get()) == (XKU_SSL_SERVER | XKU_SSL_CLIENT));
  const auto is_of = [&](const std::string& host) {
    return X509_check_host(certificate.get(), host.c_str(), host.size(), 0, nullptr) == 1 ||
           X509_check_ip_asc(certificate.get(), host.c_str(), 0) == 1;
  };
  for (const auto& host : {long_name, std::string("node-1.example"), std::string("10.0.0.7"),
                           std::string("fd00::7")}) {
    CHECK(is_of(host));
  }
  CHECK_FALSE(is_of("node-2.example"));
  CHECK_FALSE(is_of("10.0.0.8"));
}

TEST_CASE("two certificates share neither key nor serial") {
  const test::TempDir dir;
  REQUIRE(cli::create_authority(dir / "ca", kNow));
  REQUIRE(cli::issue_certificate(dir / "ca", order_of({"a"}), dir / "1", kNow));
  REQUIRE(cli::issue_certificate(dir / "ca", order_of({"a"}), dir / "2", kNow));
  CHECK(text_of(dir / "1" / "node.key") != text_of(dir / "2" / "node.key"));
  const auto one = cli::certificate_from(text_of(dir / "1" / "node.pem"));
  const auto two = cli::certificate_from(text_of(dir / "2" / "node.pem"));
  CHECK(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.get()), X509_get0_serialNumber(two.get())) !=
        0);
}

TEST_CASE("nothing is overwritten, and where one file is refused none is made") {
  const test::TempDir dir;
  REQUIRE(cli::create_authority(dir / "ca", kNow));
  const auto key = text_of(dir / "ca" / "ca.key");
  CHECK(code_of(cli::create_authority(dir / "ca", kNow)) == "file_exists");
  std::filesystem::remove(dir / "ca" / "ca.pem");
  CHECK(code_of(cli::create_authority(dir / "ca", kNow)) == "file_exists");
  CHECK(text_of(dir / "ca" / "ca.key") == key);
  CHECK_FALSE(std::filesystem::exists(dir / "ca" / "ca.pem"));

  REQUIRE(cli::create_authority(dir / "other", kNow));
  CHECK(code_of(cli::issue_certificate(dir / "other", order_of({"a"}), dir / "other", kNow)) ==
        "file_exists");
  CHECK_FALSE(std::filesystem::exists(dir / "other" / "node.key"));
  REQUIRE(cli::issue_certificate(dir / "other", order_of({"a"}), dir / "node", kNow));
  const auto mine = text_of(dir / "node" / "node.key");
  CHECK(code_of(cli::issue_certificate(dir / "other", order_of({"a"}), dir / "node", kNow)) ==
        "file_exists");
  CHECK(text_of(dir / "node" / "node.key") == mine);
  std::ofstream(dir / "file") << "in the way";
  CHECK(code_of(cli::create_authority(dir / "file", kNow)) == "file_unwritable");
}

TEST_CASE(
    "a certificate ends no later than its authority, and an authority that is over signs none") {
  const test::TempDir dir;
  REQUIRE(cli::create_authority(dir / "ca", kNow));
  const auto late = kNow + days(3'640);
  const auto node = cli::issue_certificate(dir / "ca", order_of({"a"}, 30), dir / "node", late);
  REQUIRE(node);
  CHECK(node->expires == kNow + days(3'653));
  CHECK(code_of(cli::issue_certificate(dir / "ca", order_of({"a"}), dir / "late",
                                       kNow + days(3'653))) == "authority_unusable");
}

TEST_CASE("what is wrong with an order is said by its field, and leaves no folder behind") {
  const test::TempDir dir;
  REQUIRE(cli::create_authority(dir / "ca", kNow));
  const auto refused = [&](const cli::CertificateOrder& order) {
    const auto made = cli::issue_certificate(dir / "ca", order, dir / "node", kNow);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorClass::malformed);
    CHECK_FALSE(std::filesystem::exists(dir / "node"));
    return made.error().code + " " + made.error().field;
  };
  CHECK(refused(order_of({})) == "host_missing --host");
  for (const std::string bad :
       {"", "a b", "*.example", "a,DNS:b", "a..b", "-a", "a-", ".a", "10.0.0.300", "10.0.0",
        "fd00::g", "tls://a", "a:7443", "us\xc3\xa9r"}) {
    CAPTURE(bad);
    CHECK(refused(order_of({"good.example", bad})) == "host_malformed --host");
  }
  for (const int bad : {0, -1, 3'654}) {
    CHECK(refused(order_of({"a"}, bad)) == "days_out_of_range --days");
  }
}

TEST_CASE("an authority that cannot be read, is exposed or is of two halves signs nothing") {
  const test::TempDir dir;
  const auto signs = [&](const std::filesystem::path& authority) {
    return code_of(cli::issue_certificate(authority, order_of({"a"}), dir / "node", kNow));
  };
  CHECK(signs(dir / "absent") == "authority_unusable");
  REQUIRE(cli::create_authority(dir / "one", kNow));
  REQUIRE(cli::create_authority(dir / "two", kNow));
  REQUIRE(::chmod((dir / "one" / "ca.key").c_str(), 0640) == 0);
  CHECK(signs(dir / "one") == "authority_unusable");
  REQUIRE(::chmod((dir / "one" / "ca.key").c_str(), 0600) == 0);
  std::filesystem::copy_file(dir / "two" / "ca.pem", dir / "one" / "ca.pem",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(signs(dir / "one") == "authority_unusable");
  std::ofstream(dir / "two" / "ca.key") << "-----BEGIN NOTHING-----\n";
  CHECK(signs(dir / "two") == "authority_unusable");
  CHECK_FALSE(std::filesystem::exists(dir / "node"));
}
