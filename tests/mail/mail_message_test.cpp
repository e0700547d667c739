#include "workers/mail/mail_message.hpp"

#include <doctest/doctest.h>

#include <random>

#include "core/base/encoding.hpp"
#include "tests/mail/mail_reader.hpp"
#include "tests/mail/sample_mail.hpp"

using namespace fl;
using namespace fl::mail;

TEST_CASE(
    "a mail says who, to whom, when, what and of which job, and its bytes are always the same") {
  const auto message = sample_mail();
  const auto bytes = render(message).value();
  const std::string job = message.job.str();
  CHECK(bytes ==
        "Date: Sun, 22 Nov 2026 19:04:36 +0000\r\n"
        "From: \"Fanledger\"\r\n <notices@fans.example>\r\n"
        "To: <ada@example.com>\r\n"
        "Message-ID: <" +
            job +
            "@fans.example>\r\n"
            "Subject: You have a new message\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "\r\n"
            "Hello Ada,\r\n\r\nbob wrote to you.\r\n");
  CHECK(bytes == render(message).value());
  CHECK(message_id(message) != message_id(sample_mail("2")));
}

TEST_CASE("dates of mails") {
  CHECK(mail_date(Instant{0}) == "Thu, 01 Jan 1970 00:00:00 +0000");
  CHECK(mail_date(Instant{1'709'251'199'999}) == "Thu, 29 Feb 2024 23:59:59 +0000");
  CHECK(mail_date(Instant{-1}) == "Wed, 31 Dec 1969 23:59:59 +0000");
}

TEST_CASE("subjects and names of any text come back as they were") {
  const std::string rows[] = {
      "plain",
      "",
      " blanks around ",
      "\u00dcber \u20ac 5 \U0001F600",
      std::string(300, 'x'),
      "=?utf-8?B?aGFjaw==?=",
      "quote \" and \\ backslash",
      "a, b; c: <d@e.f> (g)",
  };
  for (const auto& text : rows) {
    CAPTURE(text);
    auto message = sample_mail();
    message.subject = text;
    const auto mail = read_mail(render(message).value());
    CHECK(mail.fault == "");
    CHECK(mail.header("Subject") == text);
  }
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\u00fc";
  auto message = sample_mail();
  message.subject = umlauts;
  message.from_name = umlauts.substr(0, 200);
  const auto mail = read_mail(render(message).value());
  CHECK(mail.fault == "");
  CHECK(mail.header("Subject") == umlauts);
  CHECK(mail.header("From") == umlauts.substr(0, 200) + " <notices@fans.example>");
  message.from_name = "Ann \"the\\fan\" O'Neil";
  CHECK(read_mail(render(message).value()).header("From") ==
        "\"Ann \\\"the\\\\fan\\\" O'Neil\" <notices@fans.example>");
}

TEST_CASE("no text of a person makes a header or ends one") {
  for (const std::string evil : {"x\r\nBcc: bob@example.com", "x\nBcc: bob@example.com",
                                 "x\r\n\r\nbody", "\r\n.\r\nQUIT", "x\rBcc: y", "\n"}) {
    CAPTURE(evil);
    auto message = sample_mail();
    message.subject = evil;
    message.from_name = evil;
    message.text = evil;
    const auto mail = read_mail(render(message).value());
    CHECK(mail.fault == "");
    CHECK(mail.headers.size() == 9);
    CHECK(mail.header("Bcc") == "");
    CHECK(mail.header("Subject").find_first_of("\r\n") == std::string::npos);
  }
}

TEST_CASE("bodies of any text come back, whatever their line ends") {
  const struct {
    std::string text;
    std::string read;
  } rows[] = {
      {"", "\n"},
      {"one", "one\n"},
      {"one\r\ntwo\nthree\n", "one\ntwo\nthree\n"},
      {"trailing blank \nand tab\t\nend ", "trailing blank \nand tab\t\nend \n"},
      {"a = b =20", "a = b =20\n"},
      {".\n..\nFrom me\n", ".\n..\nFrom me\n"},
      {"lone \r return", "lone \r return\n"},
      {std::string(1000, 'x'), std::string(1000, 'x') + "\n"},
      {std::string(75, 'x') + "\n" + std::string(76, 'y') + "\n" + std::string(77, 'z'),
       std::string(75, 'x') + "\n" + std::string(76, 'y') + "\n" + std::string(77, 'z') + "\n"},
      {"\u00dcber \u20ac \U0001F600", "\u00dcber \u20ac \U0001F600\n"},
      {std::string("nul \0 here", 10), std::string("nul \0 here\n", 11)},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    auto message = sample_mail();
    message.text = row.text;
    const auto mail = read_mail(render(message).value());
    CHECK(mail.fault == "");
    CHECK(mail.text == row.read);
  }
}

TEST_CASE("what is too long or not text is refused, naming its part") {
  const auto refusal = [](auto change) {
    auto message = sample_mail();
    change(message);
    const auto bytes = render(message);
    return bytes ? std::string("none") : bytes.error().code + " " + bytes.error().field;
  };
  CHECK(refusal([](auto& m) { m.subject = std::string(401, 'x'); }) == "mail_too_long subject");
  CHECK(refusal([](auto& m) { m.from_name = std::string(201, 'x'); }) == "mail_too_long from_name");
  CHECK(refusal([](auto& m) { m.text = std::string(65'537, 'x'); }) == "mail_too_long text");
  CHECK(refusal([](auto& m) { m.subject = "\xff"; }) == "mail_not_text subject");
  CHECK(refusal([](auto& m) { m.text = "\xc3"; }) == "mail_not_text text");
  CHECK(refusal([](auto& m) { m.text = std::string(65'536, 'x'); }) == "none");
}

TEST_CASE("random texts in every part keep all rules of a mail") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::string pieces[] = {
      "a",   "B",  " ",  "\r", "\n", "\r\n", "\t",     "=",      ".",          "?=",
      "=?",  "\"", "\\", ":",  ",",  "<",    "\u00fc", "\u20ac", "\U0001F600", std::string("\0", 1),
      "\x7f"};
  const auto text = [&](std::size_t at_most) {
    std::string out;
    for (auto n = random() % 120; n > 0; --n) {
      const auto& piece = pieces[random() % std::size(pieces)];
      if (out.size() + piece.size() <= at_most) out += piece;
    }
    return out;
  };
  for (int i = 0; i < 3000; ++i) {
    auto message = sample_mail();
    message.subject = text(kMaxSubjectBytes);
    message.from_name = text(kMaxNameBytes);
    message.text = text(kMaxTextBytes);
    CAPTURE(to_hex(message.subject));
    CAPTURE(to_hex(message.text));
    const auto mail = read_mail(render(message).value());
    CHECK(mail.fault == "");
    CHECK(mail.headers.size() == 9);
    std::string expected;
    for (std::size_t at = 0; at < message.text.size(); ++at) {
      if (message.text.compare(at, 2, "\r\n") == 0) continue;
      expected.push_back(message.text[at]);
    }
    if (!expected.ends_with('\n')) expected.push_back('\n');
    CHECK(mail.text == expected);
  }
}
