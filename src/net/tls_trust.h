// The certificate authorities that TLS connections trust, loaded once for all of them.
//
// libcurl reads the authorities for each connection where it is given a folder of them, as Debian's
// default has one: 140 certificates, 16 ms of CPU and some 700 KiB for each call under way. And
// OpenSSL keeps 32 KiB of buffers for a connection that waits for its answer unless told not to.
//
// One thread (the event loop's). Where libcurl is built on another TLS library it keeps its ways.
#pragma once

#include <curl/curl.h>

#include <string>

namespace iie {

class TlsTrust {
 public:
  // `file`: authorities as PEM; empty: those of SSL_CERT_DIR, else of libcurl's defaults.
  explicit TlsTrust(std::string file);
  ~TlsTrust();
  TlsTrust(const TlsTrust&) = delete;
  TlsTrust& operator=(const TlsTrust&) = delete;

  // Makes the connections of `easy` trust these. Must outlive them.
  void apply_to(CURL* easy);

 private:
  static CURLcode on_context(CURL* easy, void* ssl_context, void* self);
  CURLcode load();

  std::string file_;
  std::string folder_;
  bool file_given_;
  void* store_ = nullptr;  // X509_STORE; loaded when it is first needed
};

}  // namespace iie
