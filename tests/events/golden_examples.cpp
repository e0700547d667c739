#include "tests/events/golden_examples.hpp"

#include <google/protobuf/descriptor.h>

#include "core/events/codec.hpp"
#include "schemas/secrets.pb.h"

namespace fl::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void fill(Message& message, const FieldDescriptor* chosen);

/// A value that differs from field to field, and shows how its type is encoded.
void set_field(Message& message, const FieldDescriptor* field) {
  const auto& reflection = *message.GetReflection();
  const int number = field->number();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(&message, field, 1u);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(&message, field, 300u + static_cast<unsigned>(number));
    case FieldDescriptor::CPPTYPE_INT64: {
      const bool zigzag = field->type() == FieldDescriptor::TYPE_SINT64;
      return reflection.SetInt64(&message, field, zigzag ? -1500 : 1'767'225'600'000 + number);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(&message, field, true);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.SetEnumValue(&message, field, field->enum_type()->value(1)->number());
    case FieldDescriptor::CPPTYPE_STRING: {
      auto text = field->name();
      if (field->type() == FieldDescriptor::TYPE_BYTES) text.resize(16, '\xff');
      if (field->is_repeated()) return reflection.AddString(&message, field, text);
      return reflection.SetString(&message, field, text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return fill(field->is_repeated() ? *reflection.AddMessage(&message, field)
                                       : *reflection.MutableMessage(&message, field),
                  nullptr);
    default:
      throw std::logic_error("events hold no " + std::string(field->cpp_type_name()) + ": " +
                             field->full_name());
  }
}

void fill(Message& message, const FieldDescriptor* chosen) {
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->real_containing_oneof() != nullptr && field != chosen) continue;
    for (int n = 0; n < (field->is_repeated() ? 2 : 1); ++n) set_field(message, field);
  }
}

void add_cases(const Message& prototype, std::vector<GoldenExample>& out) {
  const auto* choice = prototype.GetDescriptor()->oneof_decl(0);
  for (int i = 0; i < choice->field_count(); ++i) {
    std::unique_ptr<Message> message(prototype.New());
    fill(*message, choice->field(i));
    out.push_back({choice->field(i)->message_type()->name(), std::move(message)});
  }
}

}  // namespace

std::vector<GoldenExample> golden_examples() {
  std::vector<GoldenExample> out;
  add_cases(pb::LedgerRecord::default_instance(), out);
  add_cases(pb::LedgerEvent::default_instance(), out);
  add_cases(pb::StaffCommand::default_instance(), out);
  add_cases(pb::ActivityEvent::default_instance(), out);
  add_cases(pb::Job::default_instance(), out);
  const auto* secrets = pb::PasswordSecret::descriptor()->file();
  for (int i = 0; i < secrets->message_type_count(); ++i) {
    const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(
        secrets->message_type(i));
    std::unique_ptr<Message> message(prototype->New());
    fill(*message, nullptr);
    out.push_back({secrets->message_type(i)->name(), std::move(message)});
  }
  return out;
}

}  // namespace fl::test
