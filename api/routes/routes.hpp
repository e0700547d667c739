#pragma once

#include "api/http/router.hpp"
#include "api/platform.hpp"

namespace fl::api {

// One function a resource; each row states who may call it.
void add_account_routes(http::Router& router, Platform& platform);  // sign up, sessions
void add_me_routes(http::Router& router, Platform& platform);       // one's own profile, wallet
void add_user_routes(http::Router& router, Platform& platform);     // public profiles
void add_staff_routes(http::Router& router, Platform& platform);    // head, signed commands
void add_post_routes(http::Router& router, Platform& platform);     // publish, show, delete, feed
void add_payment_routes(http::Router& router, Platform& platform);  // purchase, subscribe, tip
void add_social_routes(http::Router& router, Platform& platform);   // likes, comments
void add_message_routes(http::Router& router, Platform& platform);  // conversations
void add_notice_routes(http::Router& router, Platform& platform);
void add_upload_routes(http::Router& router, Platform& platform);    // tus
void add_playback_routes(http::Router& router, Platform& platform);  // HLS, posters, previews
void add_live_routes(http::Router& router, Platform& platform);      // WebSocket
void add_health_routes(http::Router& router, Platform& platform);

/// All of them; of a node without the role `api`, health alone.
http::Router make_router(Platform& platform);

}  // namespace fl::api
