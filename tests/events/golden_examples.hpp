#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

namespace fl::test {

/// One fixed example of one kind of record or event.
struct GoldenExample {
  std::string name;  ///< of its message: the file is schemas/golden/NAME.hex
  std::unique_ptr<google::protobuf::Message> message;
};

/// One for each case of each oneof that is stored or signed, and one for each message of
/// secrets.proto, found by reflection: a new kind is here without a line being written.
std::vector<GoldenExample> golden_examples();

}  // namespace fl::test
