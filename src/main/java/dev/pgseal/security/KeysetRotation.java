package dev.pgseal.security;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.security.GeneralSecurityException;

/**
 * The steps by which the key that seals is replaced while replicas run: first every replica has to
 * know a new key, then they may seal with it, and when nothing is sealed with an old one any more
 * that one can go.
 *
 * <p>Key sets in and out are Tink's, in JSON, not encrypted.
 */
public enum KeysetRotation {
  /** Adds a new key that opens and does not seal yet. */
  ADD {
    @Override
    KeysetHandle next(KeysetHandle keyset) throws GeneralSecurityException {
      return KeysetHandle.newBuilder(keyset)
          .addEntry(
              KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                  .withRandomId())
          .build();
    }
  },
  /** Lets the newest key seal; the others still open. */
  PROMOTE {
    @Override
    KeysetHandle next(KeysetHandle keyset) throws GeneralSecurityException {
      KeysetHandle.Builder builder = KeysetHandle.newBuilder(keyset);
      builder.getAt(keyset.size() - 1).makePrimary();
      return builder.build();
    }
  },
  /** Keeps the key that seals and no other. */
  DROP {
    @Override
    KeysetHandle next(KeysetHandle keyset) throws GeneralSecurityException {
      KeysetHandle.Entry primary = keyset.getPrimary();
      return KeysetHandle.newBuilder()
          .addEntry(
              KeysetHandle.importKey(primary.getKey())
                  .withFixedId(primary.getId())
                  .setStatus(KeyStatus.ENABLED)
                  .makePrimary())
          .build();
    }
  };

  abstract KeysetHandle next(KeysetHandle keyset) throws GeneralSecurityException;

  /**
   * @throws IllegalArgumentException when it is no key set of AEAD keys; never quotes it
   */
  public String apply(String keyset) {
    try {
      AeadConfig.register();
      return TinkJsonProtoKeysetFormat.serializeKeyset(
          next(
              TinkJsonProtoKeysetFormat.parseKeyset(
                  keyset, RegistryConfiguration.get(), InsecureSecretKeyAccess.get())),
          RegistryConfiguration.get(),
          InsecureSecretKeyAccess.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a Tink key set of AEAD keys in JSON");
    }
  }
}
