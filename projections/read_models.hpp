#pragma once

#include <string>
#include <vector>

#include "projections/access.hpp"
#include "projections/accounts.hpp"
#include "projections/catalogue.hpp"
#include "projections/feed.hpp"
#include "projections/inbox.hpp"
#include "projections/jobs.hpp"
#include "projections/notices.hpp"
#include "projections/social.hpp"
#include "projections/uploads.hpp"
#include "projections/wallets.hpp"

namespace fl::projections {

/// All read models. They hold no state of their own: rows are read through a View. Thread-safe.
struct ReadModels {
  Wallets wallets;
  Accounts accounts;
  Access access;
  Catalogue catalogue;
  Feed feed;
  Social social;
  Inbox inbox;
  Notices notices;
  Uploads uploads;
  Jobs jobs;

  std::vector<Projection*> all() {
    return {&wallets, &accounts, &access,  &catalogue, &feed,
            &social,  &inbox,    &notices, &uploads,   &jobs};
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const Projection* projection : all()) names.push_back(projection->name());
    return names;
  }
};

}  // namespace fl::projections
