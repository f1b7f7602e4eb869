package dev.pgseal.tls;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Plaintext that an enforcement was asked to spare. */
@Schema(name = "Exemption")
public enum Exemption {
  /** From 127.0.0.0/8 and ::1: it never leaves the host. */
  LOOPBACK
}
