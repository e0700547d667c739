#include "workers/mail/smtp_mailer.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "tests/mail/mail_reader.hpp"
#include "tests/mail/sample_mail.hpp"
#include "tests/mail/smtp_responder.hpp"
#include "tests/secrets/temp_dir.hpp"

using namespace fl;
using namespace fl::mail;
using namespace std::chrono_literals;

namespace {

SmtpConfig config_for(int port) {
  SmtpConfig config;
  config.host = "127.0.0.1";
  config.port = port;
  config.security = SmtpSecurity::none;
  config.helo = "node1.fans.example";
  config.connect_timeout = 5s;
  config.total_timeout = 10s;
  return config;
}

bool said(const SmtpResponder& server, std::string_view beginning) {
  return std::any_of(server.commands.begin(), server.commands.end(),
                     [&](const std::string& line) { return line.starts_with(beginning); });
}

}  // namespace

TEST_CASE("a mail by SMTP arrives whole, from and to the right addresses") {
  SmtpResponder server({});
  const auto mailer = SmtpMailer::create(config_for(server.port())).value();
  auto message = sample_mail();
  message.subject = "Gr\u00fc\u00dfe";
  message.text = ".\nA line.\n.. and dots\n.\n";
  const auto report = mailer->send(message);
  CHECK(report.outcome == MailOutcome::sent);
  server.stop();
  CHECK(said(server, "EHLO node1.fans.example"));
  CHECK(said(server, "MAIL FROM:<notices@fans.example>"));
  CHECK(said(server, "RCPT TO:<ada@example.com>"));
  REQUIRE(server.messages.size() == 1);
  CHECK(server.messages[0] == render(message).value());
  const auto mail = read_mail(server.messages[0]);
  CHECK(mail.fault == "");
  CHECK(mail.header("Subject") == message.subject);
  CHECK(mail.text == message.text);
}

TEST_CASE("two mails by one mailer are two messages with Message-IDs of their own") {
  SmtpResponder server({});
  const auto mailer = SmtpMailer::create(config_for(server.port())).value();
  CHECK(mailer->send(sample_mail("1")).outcome == MailOutcome::sent);
  CHECK(mailer->send(sample_mail("2")).outcome == MailOutcome::sent);
  server.stop();
  REQUIRE(server.messages.size() == 2);
  CHECK(read_mail(server.messages[0]).header("Message-ID") !=
        read_mail(server.messages[1]).header("Message-ID"));
}

TEST_CASE("what a failure means for the mail") {
  struct Row {
    const char* what;
    SmtpResponder::Script script;
    MailOutcome outcome;
  };
  std::vector<Row> rows;
  const auto row = [&](const char* what, MailOutcome outcome, auto change) {
    SmtpResponder::Script script;
    change(script);
    rows.push_back(Row{what, script, outcome});
  };
  using enum MailOutcome;
  row("greeted with 4xx", deferred, [](auto& s) { s.greeting = "421 too busy"; });
  row("closed before the greeting", deferred, [](auto& s) { s.greeting = ""; });
  row("sender 5xx", refused, [](auto& s) { s.on_mail = "550 not you"; });
  row("sender must log in", deferred, [](auto& s) { s.on_mail = "530 log in first"; });
  row("recipient 5xx", refused, [](auto& s) { s.on_rcpt = "550 no such user"; });
  row("recipient 4xx", deferred, [](auto& s) { s.on_rcpt = "450 mailbox busy"; });
  row("closed at the recipient", deferred, [](auto& s) { s.on_rcpt = ""; });
  row("DATA 4xx", deferred, [](auto& s) { s.on_data = "451 not now"; });
  row("DATA 5xx", refused, [](auto& s) { s.on_data = "554 never"; });
  row("message 4xx", deferred, [](auto& s) { s.on_message = "452 disk full"; });
  row("message 5xx", refused, [](auto& s) { s.on_message = "554 looks like spam"; });
  row("closed after the message", unknown, [](auto& s) { s.on_message = ""; });
  row("silence after the message", unknown, [](auto& s) { s.on_message = "silence"; });
  for (auto& one : rows) {
    CAPTURE(one.what);
    SmtpResponder server(one.script);
    auto config = config_for(server.port());
    if (one.script.on_message == "silence") config.total_timeout = 500ms;
    const auto report = SmtpMailer::create(config).value()->send(sample_mail());
    CHECK(to_string(report.outcome) == std::string(to_string(one.outcome)));
    CHECK(report.detail.find("ada") == std::string::npos);
    CHECK(report.detail.find("user") == std::string::npos);
    CHECK_FALSE(report.detail.empty());
  }
}

TEST_CASE("a server that falls silent holds a mail up for its time limit, not for libcurl's") {
  SmtpResponder::Script scripts[2];
  scripts[0].on_message = "silence";
  scripts[1].on_quit = "silence";
  for (const auto& script : scripts) {
    SmtpResponder server(script);
    auto config = config_for(server.port());
    config.total_timeout = 500ms;
    const auto mailer = SmtpMailer::create(config).value();
    const auto begin = std::chrono::steady_clock::now();
    const auto outcome = mailer->send(sample_mail()).outcome;
    CHECK(std::chrono::steady_clock::now() - begin < 30s);
    CHECK(outcome == (script.on_quit == "silence" ? MailOutcome::sent : MailOutcome::unknown));
  }
}

TEST_CASE("a mail whose server went away in the middle is never told as sent or as refused") {
  SmtpResponder::Script script;
  script.close_after_bytes = 1;
  SmtpResponder server(script);
  auto message = sample_mail();
  message.text.clear();
  for (int i = 0; i < 21'000; ++i) message.text += "\u00fc\n";
  const auto mailer = SmtpMailer::create(config_for(server.port())).value();
  const auto outcome = mailer->send(message).outcome;
  // Which of the two depends on what the buffers between us had swallowed.
  CHECK((outcome == MailOutcome::deferred || outcome == MailOutcome::unknown));
  server.stop();
  CHECK(server.messages.empty());
}

TEST_CASE("nobody listening defers the mail") {
  int port = 0;
  {
    SmtpResponder server({});
    port = server.port();
  }
  const auto mailer = SmtpMailer::create(config_for(port)).value();
  CHECK(mailer->send(sample_mail()).outcome == MailOutcome::deferred);
}

TEST_CASE("without the encryption that was asked for nothing is said, least of all a password") {
  const TempDir dir;
  const auto file = dir.path() / "smtp";
  std::ofstream(file) << "mailuser\nverysecret\n";
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  for (const auto security : {SmtpSecurity::starttls, SmtpSecurity::tls}) {
    SmtpResponder::Script script;
    script.capabilities = {"mail.test", "AUTH PLAIN LOGIN"};
    SmtpResponder server(script);
    auto config = config_for(server.port());
    config.security = security;
    config.credentials_file = file;
    config.total_timeout = 1s;
    const auto mailer = SmtpMailer::create(config).value();
    CHECK(mailer->send(sample_mail()).outcome == MailOutcome::deferred);
    server.stop();
    CHECK_FALSE(said(server, "AUTH"));
    CHECK_FALSE(said(server, "MAIL"));
    CHECK(server.messages.empty());
  }
}

TEST_CASE("a configuration that cannot work, or would give the password away, is refused") {
  const TempDir dir;
  const auto file = dir.path() / "smtp";
  std::ofstream(file) << "mailuser\nverysecret\n";
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  const auto code = [](auto change) {
    SmtpConfig config;
    config.host = "mail.example";
    change(config);
    const auto mailer = SmtpMailer::create(config);
    return mailer ? std::string() : mailer.error().code + " " + mailer.error().field;
  };
  CHECK(code([](auto&) {}) == "");
  CHECK(code([&](auto& c) { c.credentials_file = file; }) == "");
  CHECK(code([](auto& c) { c.host = ""; }) == "smtp_config host");
  CHECK(code([](auto& c) { c.host = "a/b"; }) == "smtp_config host");
  CHECK(code([](auto& c) { c.host = "user@b"; }) == "smtp_config host");
  CHECK(code([](auto& c) { c.helo = "a\r\nMAIL"; }) == "smtp_config helo");
  CHECK(code([](auto& c) { c.port = 0; }) == "smtp_config port");
  CHECK(code([&](auto& c) {
          c.credentials_file = file;
          c.security = SmtpSecurity::none;
        }) == "smtp_config security");
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  CHECK(code([&](auto& c) { c.credentials_file = file; }) == "secret_exposed ");
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  std::ofstream(file, std::ios::trunc) << "only-a-user";
  CHECK(code([&](auto& c) { c.credentials_file = file; }) == "smtp_config credentials_file");
  CHECK(code([&](auto& c) { c.credentials_file = dir.path() / "none"; }) == "secret_missing ");
}
