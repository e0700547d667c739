#include "core/events/codec.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace fl::events {

std::string encode(const google::protobuf::MessageLite& message) {
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return out;
}

Status decode(std::string_view bytes, google::protobuf::Message& message,
              const Spelling& spelling) {
  const auto unreadable = [&](const char* why) {
    return fail(ErrorClass::unavailable, "event_unreadable", message.GetTypeName(),
                message.GetTypeName() + " of " + std::to_string(bytes.size()) + " bytes " + why);
  };
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return unreadable("does not parse");
  }
  if (!spelling.matches(bytes)) {
    return unreadable("holds what this program does not know, or is not in canonical form");
  }
  return {};
}

}  // namespace fl::events
