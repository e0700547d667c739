#include "workers/mail/mailer.hpp"

namespace fl::mail {

const char* to_string(MailOutcome outcome) {
  switch (outcome) {
    case MailOutcome::sent:
      return "sent";
    case MailOutcome::refused:
      return "refused";
    case MailOutcome::deferred:
      return "deferred";
    case MailOutcome::unknown:
      return "unknown";
  }
  return "?";
}

}  // namespace fl::mail
