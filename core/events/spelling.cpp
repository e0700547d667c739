#include "core/events/spelling.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/base/assert.hpp"

namespace fl::events {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

enum Wire : std::uint32_t { kVarint = 0, kLengthDelimited = 2 };
// What parses is no deeper than protobuf's own limit, and the shapes of the schema end far earlier.
constexpr int kDepth = 20;

/// The values that a number of this type can have on the wire: up to `low`, or from `high` on
/// (negative numbers of 32 bits are spelled in 64).
struct Range {
  std::uint64_t low;
  std::uint64_t high;
};

Range range_of(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_BOOL:
      return {1, UINT64_MAX};
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_SINT32:
      return {UINT32_MAX, UINT64_MAX};
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_ENUM:
      return {INT32_MAX, 0xffff'ffff'8000'0000};
    default:
      return {UINT64_MAX, UINT64_MAX};
  }
}

bool is_varint(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_BOOL:
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_ENUM:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_SINT64:
    case FieldDescriptor::TYPE_INT64:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct Spelling::Shape {
  struct Field {
    std::uint32_t number = 0;
    Wire wire = kVarint;
    bool repeated = false;
    bool default_left_out = false;
    int oneof = -1;
    Range range{};
    std::unique_ptr<const Shape> message;
  };
  std::vector<Field> fields;  ///< by number
};

class Spelling::Compiler {
 public:
  static std::unique_ptr<const Shape> compile(const Descriptor& type, int depth) {
    FL_ASSERT(depth < kDepth);
    auto shape = std::make_unique<Shape>();
    for (int i = 0; i < type.field_count(); ++i) {
      const auto& from = *type.field(i);
      Shape::Field field;
      field.number = static_cast<std::uint32_t>(from.number());
      field.repeated = from.is_repeated();
      field.default_left_out = !from.has_presence() && !from.is_repeated();
      const auto* oneof = from.real_containing_oneof();
      if (oneof != nullptr) field.oneof = oneof->index();
      if (is_varint(from.type())) {
        FL_ASSERT(!from.is_repeated());
        field.range = range_of(from.type());
      } else {
        FL_ASSERT(from.type() == FieldDescriptor::TYPE_STRING ||
                  from.type() == FieldDescriptor::TYPE_BYTES ||
                  (from.type() == FieldDescriptor::TYPE_MESSAGE && !from.is_map()));
        field.wire = kLengthDelimited;
        if (from.message_type() != nullptr)
          field.message = compile(*from.message_type(), depth + 1);
      }
      shape->fields.push_back(std::move(field));
    }
    std::sort(shape->fields.begin(), shape->fields.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
    return shape;
  }
};

class Spelling::Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool matches(const Shape& shape) {
    auto field = shape.fields.begin();
    const Shape::Field* before = nullptr;
    std::uint64_t oneofs = 0;
    while (at_ != end_) {
      std::uint64_t tag = 0;
      if (!read_varint(tag)) return false;
      while (field != shape.fields.end() && field->number < tag >> 3) ++field;
      if (field == shape.fields.end() || tag != (field->number << 3 | field->wire)) return false;
      if (before == &*field && !field->repeated) return false;
      before = &*field;
      if (field->oneof >= 0) {
        const auto bit = std::uint64_t{1} << field->oneof;
        if ((oneofs & bit) != 0) return false;
        oneofs |= bit;
      }
      std::uint64_t value = 0;
      if (!read_varint(value) || (field->default_left_out && value == 0)) return false;
      if (field->wire == kVarint) {
        if (value > field->range.low && value < field->range.high) return false;
        continue;
      }
      if (value > static_cast<std::uint64_t>(end_ - at_)) return false;
      const std::string_view inner(at_, value);
      at_ += value;
      if (field->message && !Reader(inner).matches(*field->message)) return false;
    }
    return true;
  }

 private:
  /// In its shortest form.
  bool read_varint(std::uint64_t& value) {
    for (unsigned shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      if (shift == 63 && byte > 1) return false;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return byte != 0 || shift == 0;
    }
    return false;
  }

  const char* at_;
  const char* end_;
};

Spelling::Spelling(const Descriptor& type) : shape_(Compiler::compile(type, 0)) {}
Spelling::~Spelling() = default;

bool Spelling::matches(std::string_view bytes) const {
  return Reader(bytes).matches(*shape_);
}

}  // namespace fl::events
