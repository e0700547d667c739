#include "workers/mail/eml_folder_mailer.hpp"

#include <system_error>
#include <utility>

#include "core/secrets/durable_file.hpp"

namespace fl::mail {

EmlFolderMailer::EmlFolderMailer(std::filesystem::path folder) : folder_(std::move(folder)) {}

std::filesystem::path EmlFolderMailer::path_of(const JobId& job) const {
  return folder_ / (job.str() + ".eml");
}

MailReport EmlFolderMailer::send(const MailMessage& message) {
  const auto bytes = render(message);
  if (!bytes) return {MailOutcome::refused, bytes.error().code + " in " + bytes.error().field};
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return {MailOutcome::deferred, "could not make the folder: " + error.message()};
  const auto written = secrets::write_new_file(path_of(message.job), *bytes, 0600);
  if (written) return {MailOutcome::sent, "written"};
  if (written.error().kind == ErrorClass::conflict) return {MailOutcome::sent, "written before"};
  return {MailOutcome::deferred, written.error().message};
}

}  // namespace fl::mail
