#include "workers/mail_job.hpp"

#include "core/secrets/email_address.hpp"
#include "workers/dispatcher.hpp"
#include "workers/mail/mail_message.hpp"

namespace fl::workers {
namespace {

constexpr std::string_view kEmailField = "account.email";

std::optional<activity::NoticeRow> find_notice(Services& services, const pb::SendMail& work) {
  const auto view = services.store.view();
  const auto account = AccountId::from_raw(work.account());
  const auto wanted = NoticeId::from_raw(work.notice());
  projections::Page page{projections::kMaxPage, ""};
  // It is among the newest: jobs follow their notices closely. A bounded look further back.
  for (int i = 0; i < 100; ++i) {
    auto notices = services.models.notices.newest(view, account, page);
    if (!notices) return std::nullopt;
    for (const auto& notice : notices->items) {
      if (notice.row.id == wanted) return notice.row;
    }
    if (notices->next.empty()) return std::nullopt;
    page.cursor = notices->next;
  }
  return std::nullopt;
}

}  // namespace

JobResult send_notice_mail(Services& services, const pb::SendMail& work, const NoticeText& text) {
  const auto notice = find_notice(services, work);
  const auto account =
      services.models.accounts.by_id(services.store.view(), AccountId::from_raw(work.account()));
  if (!notice || !account) return {true, "nothing to tell"};
  pb::Sealed sealed;
  if (auto decoded = events::decode(account->email, sealed); !decoded) {
    return {false, decoded.error().message};
  }
  const auto opened = services.subject_keys.open_text(sealed, kEmailField);
  if (opened.state == secrets::TextState::erased) return {true, "the person was erased"};
  if (opened.state != secrets::TextState::open) return {false, "the address cannot be opened yet"};
  auto to = secrets::EmailAddress::parse(opened.text);
  auto from = secrets::EmailAddress::parse(services.mail_from);
  if (!to || !from) return {true, "an address that cannot be mailed to"};
  const auto line = text(*notice);
  const mail::MailMessage message{send_mail_job(notice->id),
                                  std::move(*from),
                                  "fanledger",
                                  std::move(*to),
                                  line,
                                  "Hello " + account->username + ",\n\n" + line +
                                      "\n\nYou get this because it happened on your "
                                      "fanledger account.\n",
                                  Instant{notice->time_ms}};
  const auto report = services.mailer.send(message);
  switch (report.outcome) {
    case mail::MailOutcome::sent:
      return {true, "sent"};
    case mail::MailOutcome::refused:
      return {true, "refused: " + report.detail};
    case mail::MailOutcome::deferred:
    case mail::MailOutcome::unknown:
      break;
  }
  return {false, report.detail};
}

}  // namespace fl::workers
