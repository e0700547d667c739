#pragma once

#include <string>

#include "workers/mail/mail_message.hpp"

inline fl::mail::MailMessage sample_mail(const std::string& job = "1") {
  using fl::secrets::EmailAddress;
  return {fl::derive_id<fl::JobId>("test", "", job),
          EmailAddress::parse("notices@fans.example").value(),
          "Fanledger",
          EmailAddress::parse("ada@example.com").value(),
          "You have a new message",
          "Hello Ada,\n\nbob wrote to you.\n",
          fl::Instant{1'795'374'276'123}};
}
