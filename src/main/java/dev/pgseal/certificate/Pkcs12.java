package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.pkcs.CertBag;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.EncryptedData;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.MacData;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Pfx;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.InputDecryptorProvider;
import org.bouncycastle.pkcs.PKCS12PfxPdu;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.PKCS12SafeBagFactory;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcePKCS12MacCalculatorBuilderProvider;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEInputDecryptorProviderBuilder;

/**
 * The one private key of a PKCS#12 file (RFC 7292) with its certificates.
 *
 * @param chain the key's certificate first, then those that issued it, as far as the file has them
 */
public record Pkcs12(KeyMaterial key, List<X509Certificate> chain) {

  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_BAGS = 100;

  public Pkcs12 {
    chain = List.copyOf(chain);
  }

  /**
   * Reads a file of at most 1 MiB. Its MAC is checked first, so that damage is not taken for
   * content.
   *
   * @throws PgsealException {@code CERTIFICATE_INVALID}: not such a file, a wrong passphrase, none
   *     or several keys, no certificate of the key, or more work asked for than any tool writes
   */
  public static Pkcs12 decode(byte[] content, char[] passphrase) {
    if (content.length > MAX_BYTES || !DerDepth.isBounded(content)) {
      throw unreadable();
    }
    try {
      Reader reader = new Reader(passphrase);
      reader.read(Pfx.getInstance(content));
      return reader.result();
    } catch (PgsealException e) {
      throw e;
    } catch (PKCSException | RuntimeException e) {
      throw unreadable(); // no cause: it may repeat what was decrypted
    }
  }

  private static PgsealException unreadable() {
    return CertificateProblems.invalid("Not a PKCS#12 file that can be read")
        .hint("Check it with: openssl pkcs12 -info -noout -in file; at most 1 MiB is read.");
  }

  /** What was found so far. */
  private static final class Reader {

    private final char[] passphrase;
    private final InputDecryptorProvider decryptor;
    private final PasswordCost cost = new PasswordCost();
    private final List<X509Certificate> certificates = new ArrayList<>();
    private final List<PrivateKeyInfo> keys = new ArrayList<>();
    private int bags;

    Reader(char[] passphrase) {
      this.passphrase = passphrase;
      this.decryptor =
          new JcePKCSPBEInputDecryptorProviderBuilder()
              .setProvider(BouncyCastle.PROVIDER)
              .build(passphrase);
    }

    void read(Pfx file) throws PKCSException {
      requireMac(file);
      for (ContentInfo info : new PKCS12PfxPdu(file).getContentInfos()) {
        if (info.getContentType().equals(PKCSObjectIdentifiers.encryptedData)) {
          cost.spend(EncryptedData.getInstance(info.getContent()).getEncryptionAlgorithm());
          read(new PKCS12SafeBagFactory(info, decryptor).getSafeBags());
        } else {
          read(new PKCS12SafeBagFactory(info).getSafeBags());
        }
      }
    }

    Pkcs12 result() {
      if (keys.size() != 1) {
        throw CertificateProblems.invalid(
                "There must be one private key in the PKCS#12 file, not " + keys.size())
            .hint("Export the server's own key and certificate only.");
      }
      KeyMaterial key = PrivateKeyReader.material(keys.get(0), "the key of the PKCS#12 file");
      X509Certificate leaf =
          certificates.stream()
              .filter(key::matches)
              .findFirst()
              .orElseThrow(
                  () ->
                      CertificateProblems.invalid(
                          "No certificate of the private key is in the PKCS#12 file"));
      return new Pkcs12(key, ChainOrder.pathFrom(leaf, certificates));
    }

    private void requireMac(Pfx file) throws PKCSException {
      MacData mac = file.getMacData();
      if (mac == null) {
        throw CertificateProblems.invalid(
            "The PKCS#12 file has no MAC: it cannot be trusted whole");
      }
      AlgorithmIdentifier algorithm = mac.getMac().getAlgorithmId();
      if (algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBMAC1)) {
        cost.spend(algorithm);
      } else {
        cost.spend(mac.getIterationCount());
      }
      boolean valid =
          new PKCS12PfxPdu(file)
              .isMacValid(
                  new JcePKCS12MacCalculatorBuilderProvider().setProvider(BouncyCastle.PROVIDER),
                  passphrase);
      if (!valid) {
        throw CertificateProblems.invalid("The passphrase does not open the PKCS#12 file")
            .hint("The passphrase is wrong, or the file was damaged.");
      }
    }

    private void read(PKCS12SafeBag[] found) throws PKCSException {
      for (PKCS12SafeBag bag : found) {
        if (++bags > MAX_BAGS) {
          throw CertificateProblems.invalid(
              "The PKCS#12 file has more than " + MAX_BAGS + " parts");
        }
        read(bag);
      }
    }

    private void read(PKCS12SafeBag bag) throws PKCSException {
      if (bag.getType().equals(PKCSObjectIdentifiers.certBag)) {
        CertBag certificate = CertBag.getInstance(bag.toASN1Structure().getBagValue());
        byte[] der = ASN1OctetString.getInstance(certificate.getCertValue()).getOctets();
        certificates.add(Pem.certificate(der, "certificate " + (certificates.size() + 1)));
      } else if (bag.getType().equals(PKCSObjectIdentifiers.pkcs8ShroudedKeyBag)) {
        EncryptedPrivateKeyInfo encrypted =
            EncryptedPrivateKeyInfo.getInstance(bag.toASN1Structure().getBagValue());
        cost.spend(encrypted.getEncryptionAlgorithm());
        keys.add(new PKCS8EncryptedPrivateKeyInfo(encrypted).decryptPrivateKeyInfo(decryptor));
      } else if (bag.getType().equals(PKCSObjectIdentifiers.keyBag)) {
        keys.add(PrivateKeyInfo.getInstance(bag.toASN1Structure().getBagValue()));
      }
    }
  }
}
