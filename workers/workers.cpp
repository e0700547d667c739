#include "workers/workers.hpp"

#include "workers/media_job.hpp"

namespace fl::workers {

Workers::Workers(Services& services, NoticeText notice_text, Shares shares)
    : dispatcher_(services, std::move(shares.dispatcher)),
      media_(
          services, "media", std::move(shares.media),
          [](const pb::Job& job) { return job.has_process_media(); },
          [&services](const pb::Job& job, std::stop_token stop) {
            return process_media(services, job.process_media(), stop);
          },
          [&services](const pb::Job& job, const std::string& why) {
            return give_up_media(services, job.process_media(), why);
          }),
      mail_(
          services, "mail", std::move(shares.mail),
          [](const pb::Job& job) { return job.has_send_mail(); },
          [&services, text = std::move(notice_text)](const pb::Job& job, std::stop_token) {
            return send_notice_mail(services, job.send_mail(), text);
          },
          [](const pb::Job&, const std::string&) { return Status{}; }) {}

Result<std::unique_ptr<Workers>> Workers::start(Services& services, NoticeText notice_text) {
  if (auto jailed = services.jail.self_check(); !jailed) return fail(jailed.error());
  Shares shares;
  const struct {
    std::unique_ptr<log::WorkShare>& share;
    const char* group;
    std::vector<log::Stream> streams;
  } wanted[] = {{shares.dispatcher, "dispatcher", {log::Stream::ledger, log::Stream::activity}},
                {shares.media, "media", {log::Stream::jobs}},
                {shares.mail, "mail", {log::Stream::jobs}}};
  for (const auto& each : wanted) {
    auto joined = services.log.join(each.group, each.streams);
    if (!joined) return fail(joined.error());
    each.share = std::move(*joined);
  }
  std::unique_ptr<Workers> workers(
      new Workers(services, std::move(notice_text), std::move(shares)));
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
