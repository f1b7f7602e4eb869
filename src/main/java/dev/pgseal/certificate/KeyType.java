package dev.pgseal.certificate;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of key pgseal makes.
 *
 * <p>The key type of an <em>authority</em> decides the signature algorithm of what it issues, and
 * that decides whether SCRAM channel binding works. A server may hold an {@link #ED25519} key
 * signed by an ECDSA or RSA authority without harm; an Ed25519 <em>signature</em> makes libpq fail
 * with its defaults ({@code could not find digest for NID UNDEF},
 * fe-secure-openssl.c:pgtls_get_peer_certificate_hash) and needs {@link
 * Acceptance#SIGNATURE_WITHOUT_CHANNEL_BINDING}.
 */
public enum KeyType {
  ECDSA_P256("EC", new ECGenParameterSpec("P-256"), "EC P-256"),
  ECDSA_P384("EC", new ECGenParameterSpec("P-384"), "EC P-384"),
  RSA_3072("RSA", rsa(3072), "RSA 3072"),
  RSA_4096("RSA", rsa(4096), "RSA 4096"),
  ED25519("Ed25519", null, "Ed25519");

  /** What is made when nobody asks for anything else. */
  public static final KeyType DEFAULT = ECDSA_P256;

  private final String algorithm;
  private final @Nullable AlgorithmParameterSpec parameters;
  private final String description;

  KeyType(String algorithm, @Nullable AlgorithmParameterSpec parameters, String description) {
    this.algorithm = algorithm;
    this.parameters = parameters;
    this.description = description;
  }

  /** A fresh key pair; an RSA key takes up to a second or two. */
  public KeyMaterial generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm, BouncyCastle.PROVIDER);
      if (parameters != null) {
        generator.initialize(parameters, BouncyCastle.RANDOM);
      }
      KeyPair pair = generator.generateKeyPair();
      return new KeyMaterial(pair.getPrivate(), pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Bouncy Castle cannot make a key of type " + this, e);
    }
  }

  /** The type of a key, empty when it is of a kind (such as RSA 2048) that pgseal does not make. */
  public static Optional<KeyType> of(PublicKey key) {
    String description =
        SubjectKey.of(SubjectPublicKeyInfo.getInstance(key.getEncoded())).description();
    return Arrays.stream(values()).filter(type -> type.description.equals(description)).findAny();
  }

  /** The type's name, or words such as {@code RSA 2048} for a key that pgseal does not make. */
  public static String describe(PublicKey key) {
    return of(key).map(Enum::name).orElseGet(() -> SubjectKey.of(key).description());
  }

  /** Whether what such a key signs can be bound to by SCRAM-SHA-256-PLUS (RFC 5929 §4.1). */
  public boolean signsForChannelBinding() {
    return this != ED25519;
  }

  private static AlgorithmParameterSpec rsa(int bits) {
    return new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4);
  }
}
