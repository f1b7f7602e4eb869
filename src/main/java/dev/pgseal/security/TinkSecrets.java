package dev.pgseal.security;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * {@link Secrets} by a Tink AEAD key set: sealed values name their key, so that keys can rotate.
 */
public final class TinkSecrets implements Secrets {

  /** What Tink writes before a value sealed by a key of its own kind, then the key's id. */
  private static final byte TINK_PREFIX = 1;

  private final Aead aead;
  private final KeysetHandle keyset;

  private TinkSecrets(KeysetHandle keyset) throws GeneralSecurityException {
    this.aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
    this.keyset = keyset;
  }

  /**
   * @param keysetFile a Tink key set in JSON, of AEAD keys, not encrypted
   * @throws IllegalStateException when it cannot be read or holds something else
   */
  public static TinkSecrets from(Path keysetFile) {
    try {
      AeadConfig.register();
      KeysetHandle keyset =
          TinkJsonProtoKeysetFormat.parseKeyset(
              Files.readString(keysetFile),
              RegistryConfiguration.get(),
              InsecureSecretKeyAccess.get());
      return new TinkSecrets(keyset);
    } catch (IOException e) {
      throw new IllegalStateException(
          "pgseal.keyset-file: cannot read " + keysetFile + ": " + e.getMessage(), e);
    } catch (GeneralSecurityException e) {
      // Tink's own message may quote the file: it is not passed on
      throw new IllegalStateException(
          "pgseal.keyset-file: " + keysetFile + " is not a Tink key set of AEAD keys in JSON");
    }
  }

  @Override
  public byte[] seal(byte[] secret, String context) {
    try {
      return aead.encrypt(secret, associatedData(context));
    } catch (GeneralSecurityException e) {
      throw new PgsealException(
          ProblemType.INTERNAL_ERROR, "The secret of " + context + " cannot be sealed", e);
    }
  }

  @Override
  public byte[] open(byte[] sealed, String context) {
    try {
      return aead.decrypt(sealed, associatedData(context));
    } catch (GeneralSecurityException e) {
      throw new PgsealException(
              ProblemType.INTERNAL_ERROR,
              "The secret of " + context + " was sealed under another key set")
          .hint("Start pgseal with the key set (pgseal.keyset-file) this database was made with");
    }
  }

  @Override
  public byte[] mark() {
    return mark(keyset.getPrimary().getId());
  }

  @Override
  public boolean opens(byte[] mark) {
    return IntStream.range(0, keyset.size())
        .anyMatch(i -> Arrays.equals(mark(keyset.getAt(i).getId()), mark));
  }

  private static byte[] mark(int keyId) {
    return ByteBuffer.allocate(1 + Integer.BYTES).put(TINK_PREFIX).putInt(keyId).array();
  }

  private static byte[] associatedData(String context) {
    return context.getBytes(StandardCharsets.UTF_8);
  }
}
