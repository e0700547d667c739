#include "tests/cli/audited.hpp"

namespace fl::test {

Story::Story() {
  options.ledger.exclusive = true;
  options.ledger.now = {world.clock.now().ms + days(1).ms};
  ana = world.creator("ana", 999);
  ben = world.fan("ben");
  eve = world.fan("eve");
  world.deposit(ben, 10'000);
  premium = world.post(ana, 500);
  free = world.post(ana, std::nullopt);
  world.take_over();
  world.purchase(ben, premium, 500);
  world.subscribe(ben, ana, 999);
  world.tip(ben, ana, 333);
  world.comment(ben, premium, CommentId::from_digest(sha256("ben's")));
  world.comment(eve, free, CommentId::from_digest(sha256("eve's")));
  world.delete_comment(ana, free, CommentId::from_digest(sha256("eve's")));
  world.like(eve, premium);
  world.message(ben, ana);
  world.message(ana, ben);
}

}  // namespace fl::test
