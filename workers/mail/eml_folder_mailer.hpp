#pragma once

#include <filesystem>

#include "workers/mail/mailer.hpp"

namespace fl::mail {

/// Writes each mail to `<folder>/<job id>.eml`, whole or not at all; where none is configured to
/// send. The same job twice is one file: the first stays. The folder is made if it is not there.
class EmlFolderMailer final : public Mailer {
 public:
  explicit EmlFolderMailer(std::filesystem::path folder);
  MailReport send(const MailMessage& message) override;
  std::filesystem::path path_of(const JobId& job) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace fl::mail
