#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/staff/staff_session.hpp"

namespace fl::cli {
namespace {

std::string named(const PlatformUser& user) {
  return fmt::format("{} ({})", user.username, user.id.str());
}

void add_verify(CLI::App& creator, Environment& env, Action& chosen) {
  auto* command = add_command(creator, "verify", "Verify a creator, who may then sell.",
                              "fanledger staff creator verify ana --key verifier.key");
  auto username = std::make_shared<std::string>();
  command->add_option("USERNAME", *username, "The creator")->required();
  auto options = add_staff_options(*command, false);
  command->callback([&env, &chosen, username, options] {
    chosen = [&env, username, options] {
      return run_staff_command(
          env, *options, [&](Platform& platform, const PlatformHead&, pb::StaffCommand& order) {
            auto user = find_user(platform, *username);
            if (!user) return Result<std::string>(fail(user.error()));
            order.mutable_verify_creator()->set_account(user->id.raw());
            return Result<std::string>("verify the creator " + named(*user));
          });
    };
  });
}

void add_withdraw(CLI::App& creator, Environment& env, Action& chosen) {
  auto* command = add_command(
      creator, "withdraw", "Withdraw a creator's verification: sales end, what was paid stays.",
      "fanledger staff creator withdraw ana --reason \"documents forged\" --key verifier.key");
  auto username = std::make_shared<std::string>();
  command->add_option("USERNAME", *username, "The creator")->required();
  auto options = add_staff_options(*command, true);
  command->callback([&env, &chosen, username, options] {
    chosen = [&env, username, options] {
      return run_staff_command(
          env, *options, [&](Platform& platform, const PlatformHead&, pb::StaffCommand& order) {
            auto user = find_user(platform, *username);
            if (!user) return Result<std::string>(fail(user.error()));
            order.mutable_withdraw_verification()->set_account(user->id.raw());
            return Result<std::string>("withdraw the verification of " + named(*user));
          });
    };
  });
}

struct DepositOptions {
  std::string username;
  std::string amount;
  std::string currency;
  std::string reference;
};

void add_deposit(CLI::App& staff, Environment& env, Action& chosen) {
  auto* command =
      add_command(staff, "deposit", "Credit money that came in from outside to a wallet.",
                  "fanledger staff deposit ben 25.00 USD --reference \"wire 4711\" --key fin.key");
  auto deposit = std::make_shared<DepositOptions>();
  command->add_option("USERNAME", deposit->username, "Whose wallet")->required();
  command->add_option("AMOUNT", deposit->amount, "In major units, exactly: 25.00")->required();
  command->add_option("CURRENCY", deposit->currency, "USD, BTC, …")->required();
  command->add_option("--reference", deposit->reference, "Of the payment outside")->required();
  auto options = add_staff_options(*command, false);
  command->callback([&env, &chosen, deposit, options] {
    chosen = [&env, deposit, options] {
      return run_staff_command(
          env, *options,
          [&](Platform& platform, const PlatformHead& head, pb::StaffCommand& order) {
            auto money = read_amount(head, deposit->amount, deposit->currency);
            if (!money) return Result<std::string>(fail(money.error()));
            auto user = find_user(platform, deposit->username);
            if (!user) return Result<std::string>(fail(user.error()));
            auto& body = *order.mutable_deposit();
            body.set_account(user->id.raw());
            body.set_amount(money->amount);
            body.set_currency(std::string(money->currency.code()));
            body.set_reference(deposit->reference);
            return Result<std::string>(
                fmt::format("deposit {} to the wallet of {}, reference {}",
                            format_money(*money, head.decimals.at(money->currency)), named(*user),
                            deposit->reference));
          });
    };
  });
}

}  // namespace

void add_staff_commands(CLI::App& app, Environment& env, Action& chosen) {
  auto* staff = add_group(app, "staff", "Signed commands of the platform's staff");
  auto* creator = add_group(*staff, "creator", "Verification of creators");
  add_verify(*creator, env, chosen);
  add_withdraw(*creator, env, chosen);
  add_deposit(*staff, env, chosen);
}

}  // namespace fl::cli
