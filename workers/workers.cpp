#include "workers/workers.hpp"

#include <spdlog/spdlog.h>

#include "workers/media_job.hpp"

namespace fl::workers {

Workers::Workers(Services& services, NoticeText notice_text)
    : dispatcher_(services),
      media_(
          services, "media", [](const pb::Job& job) { return job.has_process_media(); },
          [&services](const pb::Job& job, std::stop_token stop) {
            return process_media(services, job.process_media(), stop);
          },
          [&services](const pb::Job& job, const std::string& why) {
            auto refused = refuse_upload(
                services, job.process_media(),
                {ErrorClass::malformed, "processing_failed", "file",
                 "The file could not be processed" + (why.empty() ? "." : ": " + why)});
            if (!refused) spdlog::warn("an upload stays open: {}", refused.error().message);
          }),
      mail_(
          services, "mail", [](const pb::Job& job) { return job.has_send_mail(); },
          [&services, text = std::move(notice_text)](const pb::Job& job, std::stop_token) {
            return send_notice_mail(services, job.send_mail(), text);
          },
          [](const pb::Job&, const std::string&) {}) {}

Result<std::unique_ptr<Workers>> Workers::start(Services& services, NoticeText notice_text) {
  if (auto jailed = services.jail.self_check(); !jailed) return fail(jailed.error());
  std::unique_ptr<Workers> workers(new Workers(services, std::move(notice_text)));
  workers->dispatcher_.start();
  workers->media_.start();
  workers->mail_.start();
  return workers;
}

void Workers::stop() {
  dispatcher_.stop();
  media_.stop();
  mail_.stop();
}

}  // namespace fl::workers
