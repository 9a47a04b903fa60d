// An HTTPS server with a certificate of its own making: answers every request with 200 and
// "over TLS", or does what a script says. A thread for each connection; test use only.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace iie::test {

struct TlsOptions {
  std::string name = "IP:127.0.0.1";  // whom the certificate is for
  long valid_until = 3600;            // seconds from now
  // In place of the answers: what to do with a connection, from which number on (0 is the first).
  std::function<void(SSL*, int connection)> session = {};
  bool http2 = false;  // offered to who asks
};

class TlsServer {
 public:
  explicit TlsServer(TlsOptions options = {}) : options_(std::move(options)) {
    make_certificate();
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 128) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("the TLS test server cannot listen");
    }
    port_ = ntohs(address.sin_port);
    threads_.emplace_back([this] { accept_all(); });
  }

  ~TlsServer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      shutdown(listener_, SHUT_RDWR);
      for (const int fd : sockets_) shutdown(fd, SHUT_RDWR);
    }
    threads_.front().join();  // starts no further threads
    for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
    close(listener_);
    SSL_CTX_free(context_);
    std::remove(certificate_file_.c_str());
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_) + "/"; }
  const std::string& certificate_file() const { return certificate_file_; }
  int connections() const { return connections_; }

 private:
  void make_certificate() {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), options_.valid_until);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    for (const auto& [id, value] : {std::pair(NID_subject_alt_name, options_.name.c_str()),
                                    std::pair(NID_basic_constraints, "critical,CA:TRUE")}) {
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
      X509_add_ext(certificate, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(certificate, key, EVP_sha256());
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_, certificate);
    SSL_CTX_use_PrivateKey(context_, key);
    if (options_.http2) SSL_CTX_set_alpn_select_cb(context_, &TlsServer::choose_http2, nullptr);

    certificate_file_ = "/tmp/iie-test-ca-XXXXXX";
    const int fd = mkstemp(certificate_file_.data());
    std::FILE* file = fdopen(fd, "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  static int choose_http2(SSL*, const unsigned char** chosen, unsigned char* size,
                          const unsigned char* offered, unsigned offered_size, void*) {
    static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, kHttp2, sizeof kHttp2, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED) {
      return SSL_TLSEXT_ERR_NOACK;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
  }

  void accept_all() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const std::lock_guard lock(mutex_);
      if (stopping_ || fd < 0) {
        if (fd >= 0) close(fd);
        return;
      }
      sockets_.push_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    // OpenSSL writes without MSG_NOSIGNAL. Only this thread is protected: a client that raised
    // SIGPIPE would still end the test.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
      const int number = connections_++;
      std::string in;
      std::array<char, 4096> buffer;
      if (options_.session) options_.session(ssl, number);
      while (!options_.session) {
        const int got = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
        if (got <= 0) break;
        in.append(buffer.data(), static_cast<std::size_t>(got));
        const std::size_t head = in.find("\r\n\r\n{}");  // the tests' one body
        if (head == std::string::npos) continue;
        in.erase(0, head + 6);
        static constexpr std::string_view kReply =
            "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nover TLS";
        if (SSL_write(ssl, kReply.data(), static_cast<int>(kReply.size())) <= 0) break;
      }
    }
    SSL_free(ssl);
    // A close with bytes unread resets the connection, which can overtake the last reply: what the
    // client still says is read first, half a second at the most.
    shutdown(fd, SHUT_WR);
    const timeval patience{.tv_sec = 0, .tv_usec = 500'000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::array<char, 4096> rest;
    while (recv(fd, rest.data(), rest.size(), 0) > 0) continue;
    const std::lock_guard lock(mutex_);
    std::erase(sockets_, fd);
    close(fd);
  }

  const TlsOptions options_;
  SSL_CTX* context_ = nullptr;
  std::string certificate_file_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;  // guards what follows
  bool stopping_ = false;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
};

}  // namespace iie::test
