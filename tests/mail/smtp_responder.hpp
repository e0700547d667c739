#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

/// A small SMTP server on loopback that says what it is told to, and remembers what it was sent.
class SmtpResponder {
 public:
  /// What it does where; an empty reply closes the connection instead, "silence" says nothing more.
  struct Script {
    std::string greeting = "220 mail.test ready";
    std::vector<std::string> capabilities = {"mail.test", "8BITMIME"};
    std::string on_mail = "250 ok";
    std::string on_rcpt = "250 ok";
    std::string on_data = "354 go on";
    std::string on_message = "250 taken";
    std::string on_quit = "221 bye";
    std::size_t close_after_bytes = 0;  ///< of the message; 0: reads it all
  };

  explicit SmtpResponder(Script script);
  ~SmtpResponder();  ///< ends the server
  SmtpResponder(const SmtpResponder&) = delete;
  SmtpResponder& operator=(const SmtpResponder&) = delete;

  int port() const { return port_; }
  /// Ends the server, then what it got: the lines before DATA, and each message, dots unstuffed.
  void stop();
  std::vector<std::string> commands;
  std::vector<std::string> messages;

 private:
  void serve();
  void talk(int connection);
  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};
