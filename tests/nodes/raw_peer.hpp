#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/node.pb.h"

namespace fl::test {

/// The other end of a connection, which does as the test says. Waits for nothing longer than a
/// minute.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port);           ///< calls a node
  explicit RawPeer(class RawListener& listener);  ///< is called by one
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  /// Shows the certificate of this folder, or none. In TLS 1.3 this says nothing of being let in.
  bool shake_hands(const std::optional<std::filesystem::path>& certificates,
                   int newest = TLS1_3_VERSION);
  /// As the one that was called.
  bool answer_hands(const std::filesystem::path& certificates);

  bool write(std::string_view bytes);  ///< false: the other end is gone
  bool write_frame(std::string_view message);
  std::string read(std::size_t size);  ///< shorter: the other end is gone
  bool greeted();                      ///< the node has let us in, and said so
  bool is_cut();                       ///< reads until the other end closes

 private:
  void limit_waits() const;
  bool show(const std::filesystem::path& certificates) const;
  int fd_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* session_ = nullptr;
};

/// A port that nobody serves but the test.
class RawListener {
 public:
  RawListener();
  ~RawListener();
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  std::string url() const;
  bool called() const;  ///< somebody waits to be let in
  int accept() const;

 private:
  int fd_ = -1;
};

}  // namespace fl::test
