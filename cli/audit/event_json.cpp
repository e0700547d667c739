#include "cli/audit/event_json.hpp"

#include <google/protobuf/descriptor.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/events/codec.hpp"
#include "schemas/sealed.pb.h"
#include "schemas/staff.pb.h"

namespace fl::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::ordered_json;

/// The prefix of the ids that stand in a field of this name; empty: not an id.
std::string_view id_prefix(const Message& message, const std::string& field) {
  static const std::map<std::string, std::string_view> kPrefixes = {
      {"account", AccountTag::prefix}, {"owner", AccountTag::prefix},
      {"author", AccountTag::prefix},  {"buyer", AccountTag::prefix},
      {"from", AccountTag::prefix},    {"to", AccountTag::prefix},
      {"actor", AccountTag::prefix},   {"by", AccountTag::prefix},
      {"creator", AccountTag::prefix}, {"subscriber", AccountTag::prefix},
      {"post", PostTag::prefix},       {"media", MediaTag::prefix},
      {"key", KeyTag::prefix},         {"entry", EntryTag::prefix},
      {"comment", CommentTag::prefix}, {"message", MessageTag::prefix},
      {"notice", NoticeTag::prefix},   {"conversation", ConversationTag::prefix},
      {"job", JobTag::prefix},         {"id", EventTag::prefix}};
  if (const auto* origin = dynamic_cast<const pb::Origin*>(&message); origin && field == "caller") {
    return origin->caller_kind() == pb::CALLER_KIND_STAFF ? KeyTag::prefix : AccountTag::prefix;
  }
  const auto found = kPrefixes.find(field);
  return found == kPrefixes.end() ? std::string_view() : found->second;
}

ordered_json bytes_json(const Message& message, const std::string& field,
                        const std::string& bytes) {
  const auto prefix = id_prefix(message, field);
  if (!prefix.empty() && bytes.size() == 16) {
    return id_to_text(prefix, AccountId::from_raw(bytes).bytes);
  }
  if (dynamic_cast<const pb::SignedStaffCommand*>(&message) != nullptr && field == "command") {
    if (const auto command = events::decode<pb::StaffCommand>(bytes)) return message_json(*command);
  }
  return to_hex(bytes);
}

/// "ROLE_FAN" of the enumeration Role → "fan".
std::string enum_name(const google::protobuf::EnumValueDescriptor& value) {
  std::string prefix;
  for (const char c : value.type()->name()) {
    if (c >= 'A' && c <= 'Z' && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  std::string name = value.name();
  if (name.starts_with(prefix + "_")) name.erase(0, prefix.size() + 1);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

/// The value of a field, or of one element of a repeated one.
ordered_json value_json(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& r = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? r.GetRepeatedInt32(message, &field, index) : r.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64: {
      const auto value =
          many ? r.GetRepeatedInt64(message, &field, index) : r.GetInt64(message, &field);
      if (field.name().ends_with("_ms")) return to_rfc3339(Instant{value});
      return value;
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? r.GetRepeatedUInt32(message, &field, index) : r.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return many ? r.GetRepeatedUInt64(message, &field, index) : r.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return many ? r.GetRepeatedBool(message, &field, index) : r.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return enum_name(
          *(many ? r.GetRepeatedEnum(message, &field, index) : r.GetEnum(message, &field)));
    case FieldDescriptor::CPPTYPE_STRING: {
      auto text = many ? r.GetRepeatedString(message, &field, index) : r.GetString(message, &field);
      if (field.type() == FieldDescriptor::TYPE_BYTES)
        return bytes_json(message, field.name(), text);
      return text;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return message_json(many ? r.GetRepeatedMessage(message, &field, index)
                               : r.GetMessage(message, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return nullptr;  // no event has one: schemas/README.md
  }
  return nullptr;
}

}  // namespace

ordered_json message_json(const Message& message) {
  if (const auto* sealed = dynamic_cast<const pb::Sealed*>(&message)) {
    return {{"sealed", true},
            {"subject", AccountId::from_raw(sealed->subject()).str()},
            {"bytes", sealed->ciphertext().size()}};
  }
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  auto out = ordered_json::object();
  for (const auto* field : fields) {
    if (!field->is_repeated()) {
      out[field->name()] = value_json(message, *field, 0);
      continue;
    }
    auto& list = out[field->name()] = ordered_json::array();
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      list.push_back(value_json(message, *field, i));
    }
  }
  return out;
}

}  // namespace fl::cli
