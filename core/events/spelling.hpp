#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string_view>

namespace fl::events {

/// The one way in which `encode` spells a type of message, compiled from its descriptor. Comparing
/// bytes with it costs a small part of what encoding again and comparing would.
class Spelling {
 public:
  /// The schema uses integers, enums, bool, string, bytes and messages, single or (the last three)
  /// repeated; another kind of field ends the program at once.
  explicit Spelling(const google::protobuf::Descriptor& type);
  ~Spelling();
  Spelling(const Spelling&) = delete;
  Spelling& operator=(const Spelling&) = delete;

  /// Whether bytes that parse as a message of the type are what `encode` gives for it: known fields
  /// alone, in the order of their numbers, each once, the shortest form of each number, no default
  /// written out.
  bool matches(std::string_view bytes) const;

 private:
  struct Shape;
  class Compiler;
  class Reader;
  std::unique_ptr<const Shape> shape_;
};

/// The spelling of a generated type, compiled once.
template <class Message>
const Spelling& spelling_of() {
  static const Spelling spelling(*Message::descriptor());
  return spelling;
}

}  // namespace fl::events
