#include "net/tls_trust.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <string_view>
#include <utility>

#include "base/file.h"

namespace iie {
namespace {

// Whether libcurl hands out contexts of the OpenSSL that we were built with.
bool same_openssl() {
  const curl_version_info_data* const version = curl_version_info(CURLVERSION_NOW);
  if (version->ssl_version == nullptr) return false;
  return std::string_view(version->ssl_version)
      .starts_with("OpenSSL/" + std::to_string(OPENSSL_VERSION_MAJOR) + ".");
}

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

}  // namespace

TlsTrust::TlsTrust(std::string file) : file_(std::move(file)), file_given_(!file_.empty()) {
  const curl_version_info_data* const version = curl_version_info(CURLVERSION_NOW);
  folder_ = text_or_empty(version->capath);
  if (file_given_) return;
  file_ = text_or_empty(version->cainfo);
  if (auto folder = get_env("SSL_CERT_DIR")) folder_ = *std::move(folder);
}

TlsTrust::~TlsTrust() { X509_STORE_free(static_cast<X509_STORE*>(store_)); }

void TlsTrust::apply_to(CURL* easy) {
  if (same_openssl() &&
      curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &TlsTrust::on_context) == CURLE_OK) {
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, this);
    curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    return;
  }
  if (!file_.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, file_.c_str());
  if (!folder_.empty()) curl_easy_setopt(easy, CURLOPT_CAPATH, folder_.c_str());
}

CURLcode TlsTrust::on_context(CURL*, void* ssl_context, void* self) {
  TlsTrust& trust = *static_cast<TlsTrust*>(self);
  if (trust.store_ == nullptr) {
    if (const CURLcode code = trust.load(); code != CURLE_OK) return code;
  }
  SSL_CTX* const context = static_cast<SSL_CTX*>(ssl_context);
  SSL_CTX_set1_cert_store(context, static_cast<X509_STORE*>(trust.store_));
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  return CURLE_OK;
}

// As libcurl does it: a file that was given must be good; of the defaults one is enough.
CURLcode TlsTrust::load() {
  X509_STORE* const store = X509_STORE_new();
  if (store == nullptr) return CURLE_OUT_OF_MEMORY;
  const bool from_file = !file_.empty() && X509_STORE_load_file(store, file_.c_str()) == 1;
  // Read as they are asked for, and then kept.
  const bool from_folder = !folder_.empty() && X509_STORE_load_path(store, folder_.c_str()) == 1;
  if ((file_given_ && !from_file) || (!from_file && !from_folder)) {
    X509_STORE_free(store);
    return CURLE_SSL_CACERT_BADFILE;
  }
  X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  store_ = store;
  return CURLE_OK;
}

}  // namespace iie
