#include "api/routes/routes.hpp"

namespace fl::api {

http::Router make_router(Platform& platform) {
  http::Router router;
  add_health_routes(router, platform);
  if (!platform.options().roles.api) return router;
  add_account_routes(router, platform);
  add_me_routes(router, platform);
  add_user_routes(router, platform);
  add_staff_routes(router, platform);
  add_post_routes(router, platform);
  add_payment_routes(router, platform);
  add_social_routes(router, platform);
  add_message_routes(router, platform);
  add_notice_routes(router, platform);
  add_upload_routes(router, platform);
  add_playback_routes(router, platform);
  add_live_routes(router, platform);
  return router;
}

}  // namespace fl::api
