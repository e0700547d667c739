#pragma once

#include <string>

#include "workers/mail/mail_message.hpp"

namespace fl::mail {

enum class MailOutcome {
  sent,      ///< taken by the next server, or written
  refused,   ///< for good: another attempt would end alike
  deferred,  ///< surely not taken this time: try again later
  unknown,   ///< taken or not, nobody can say: at most one more attempt, with the same message
};
const char* to_string(MailOutcome outcome);

struct MailReport {
  MailOutcome outcome = MailOutcome::unknown;
  std::string detail;  ///< for the operator; holds no address and no text of the mail
};

/// Hands one mail on. Blocks up to its own time limit. Thread-safe.
class Mailer {
 public:
  virtual ~Mailer() = default;
  virtual MailReport send(const MailMessage& message) = 0;
};

}  // namespace fl::mail
