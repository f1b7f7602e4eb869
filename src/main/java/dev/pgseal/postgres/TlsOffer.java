package dev.pgseal.postgres;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a ClientHello offers that no client of today should get. */
public enum TlsOffer {
  /** TLS 1.1 at most (deprecated by RFC 8996), with the cipher suites of that time. */
  OLD_PROTOCOLS(0x0302),
  /**
   * TLS 1.2 with suites that do not encrypt, do not authenticate, or are broken (RFC 9325 §4.1).
   */
  WEAK_CIPHERS(0x0303);

  private static final Map<Integer, String> OLD = new LinkedHashMap<>();
  private static final Map<Integer, String> WEAK = new LinkedHashMap<>();

  static {
    OLD.put(0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA");
    OLD.put(0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
    OLD.put(0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");
    OLD.put(0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
    OLD.put(0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA");
    OLD.put(0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA");
    OLD.put(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA");
    OLD.put(0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA");
    WEAK.put(0xc006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA");
    WEAK.put(0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA");
    WEAK.put(0x003b, "TLS_RSA_WITH_NULL_SHA256");
    WEAK.put(0x0002, "TLS_RSA_WITH_NULL_SHA");
    WEAK.put(0x0001, "TLS_RSA_WITH_NULL_MD5");
    WEAK.put(0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA");
    WEAK.put(0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA");
    WEAK.put(0xc017, "TLS_ECDH_anon_WITH_3DES_EDE_CBC_SHA");
    WEAK.put(0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384");
    WEAK.put(0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256");
    WEAK.put(0x003a, "TLS_DH_anon_WITH_AES_256_CBC_SHA");
    WEAK.put(0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA");
    WEAK.put(0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA");
    WEAK.put(0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA");
    WEAK.put(0x0005, "TLS_RSA_WITH_RC4_128_SHA");
    WEAK.put(0x0004, "TLS_RSA_WITH_RC4_128_MD5");
    WEAK.put(0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA");
    WEAK.put(0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA");
    WEAK.put(0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA");
    WEAK.put(0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
    WEAK.put(0x0009, "TLS_RSA_WITH_DES_CBC_SHA");
    WEAK.put(0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5");
  }

  private final int version;

  TlsOffer(int version) {
    this.version = version;
  }

  int version() {
    return version;
  }

  /** Code points of IANA's registry and their names, in the order of the offer. */
  Map<Integer, String> suites() {
    return this == OLD_PROTOCOLS ? OLD : WEAK;
  }
}
