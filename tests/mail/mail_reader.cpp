#include "tests/mail/mail_reader.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"

namespace {

std::vector<std::string> lines_of(std::string_view bytes, std::string& fault) {
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const auto end = bytes.find("\r\n");
    if (end == std::string_view::npos) {
      fault = "the last line has no end";
      break;
    }
    const auto line = bytes.substr(0, end);
    if (line.size() > 998) fault = "a line beyond 998 characters";
    if (line.find_first_of("\r\n") != std::string_view::npos) fault = "a bare CR or LF";
    for (char c : line) {
      if (c < 0x20 && c != '\t') fault = "a character that is not printable ASCII";
    }
    lines.emplace_back(line);
    bytes.remove_prefix(end + 2);
  }
  return lines;
}

std::string decode_words(std::string text, std::string& fault) {
  for (std::size_t at = 0; (at = text.find("?= =?", at)) != std::string::npos;) {
    text.erase(at + 2, 1);
  }
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    constexpr std::string_view kBegin = "=?utf-8?B?";
    const auto end = text.find("?=", at + kBegin.size());
    if (text.compare(at, kBegin.size(), kBegin) != 0 || end == std::string::npos) {
      out.push_back(text[at++]);
      continue;
    }
    if (end + 2 - at > 75) fault = "an encoded word beyond 75 characters";
    const auto bytes = fl::from_base64(text.substr(at + kBegin.size(), end - at - kBegin.size()));
    if (!bytes) fault = "an encoded word that is not base 64";
    out += bytes.value_or("");
    at = end + 2;
  }
  return out;
}

void decode_line(const std::string& line, ReadMail& mail) {
  if (line.size() > 76) mail.fault = "a quoted-printable line beyond 76 characters";
  if (line.ends_with(' ') || line.ends_with('\t')) mail.fault = "a blank at a line's end";
  bool soft = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '=') {
      mail.text.push_back(line[i]);
    } else if (i + 1 == line.size()) {
      soft = true;
    } else {
      const auto byte = fl::from_hex(line.substr(i + 1, 2));
      if (!byte || byte->size() != 1) mail.fault = "a broken quoted-printable character";
      mail.text += byte.value_or("");
      i += 2;
    }
  }
  if (!soft) mail.text.push_back('\n');
}

}  // namespace

std::string ReadMail::header(std::string_view name) const {
  std::string found;
  for (const auto& [key, value] : headers) {
    if (key != name) continue;
    if (!found.empty()) return "";
    found = value;
  }
  return found;
}

ReadMail read_mail(std::string_view bytes) {
  ReadMail mail;
  const auto lines = lines_of(bytes, mail.fault);
  std::size_t i = 0;
  for (; i < lines.size() && !lines[i].empty(); ++i) {
    if (lines[i].starts_with(' ')) {
      if (mail.headers.empty()) mail.fault = "folded before the first header";
      if (lines[i].find_first_not_of(' ') == std::string::npos) mail.fault = "a blank header line";
      if (!mail.headers.empty()) mail.headers.back().second += lines[i];
      continue;
    }
    const auto colon = lines[i].find(": ");
    if (colon == std::string::npos) {
      mail.fault = "a header without a name: " + lines[i];
      continue;
    }
    mail.headers.emplace_back(lines[i].substr(0, colon), lines[i].substr(colon + 2));
  }
  for (auto& [name, value] : mail.headers) value = decode_words(value, mail.fault);
  if (i == lines.size()) mail.fault = "no body";
  for (++i; i < lines.size(); ++i) decode_line(lines[i], mail);
  return mail;
}
