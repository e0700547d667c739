#include "workers/mail/eml_folder_mailer.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "tests/mail/sample_mail.hpp"
#include "tests/secrets/temp_dir.hpp"

using namespace fl;
using namespace fl::mail;
namespace fs = std::filesystem;

namespace {
std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
auto files_in(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}
}  // namespace

TEST_CASE("a mail to a folder is one file of its job's name that holds the mail") {
  const TempDir dir;
  EmlFolderMailer mailer(dir.path() / "mail" / "out");
  const auto message = sample_mail();
  CHECK(mailer.send(message).outcome == MailOutcome::sent);
  CHECK(content_of(dir.path() / "mail" / "out" / (message.job.str() + ".eml")) ==
        render(message).value());
  CHECK(files_in(dir.path() / "mail" / "out") == 1);
}

TEST_CASE("the same job twice, or many times at once, is one file, and the first stays") {
  const TempDir dir;
  EmlFolderMailer mailer(dir.path());
  const auto first = sample_mail();
  auto second = first;
  second.text = "Something else.";
  CHECK(mailer.send(first).outcome == MailOutcome::sent);
  CHECK(mailer.send(second).outcome == MailOutcome::sent);
  CHECK(content_of(mailer.path_of(first.job)) == render(first).value());
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) {
          CHECK(mailer.send(sample_mail(std::to_string(i))).outcome == MailOutcome::sent);
        }
      });
    }
  }
  CHECK(files_in(dir.path()) == 10);  // job "1" is among the ten
}

TEST_CASE("a folder that cannot be written to defers the mail, one that is no mail is refused") {
  const TempDir dir;
  std::ofstream(dir.path() / "file") << "x";
  EmlFolderMailer mailer(dir.path() / "file");
  CHECK(mailer.send(sample_mail()).outcome == MailOutcome::deferred);
  EmlFolderMailer good(dir.path() / "good");
  auto message = sample_mail();
  message.text = "\xff";
  CHECK(good.send(message).outcome == MailOutcome::refused);
  CHECK_FALSE(fs::exists(good.path_of(message.job)));
}
