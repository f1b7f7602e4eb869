/** ACME against Pebble, the reference test server of Let's Encrypt (RFC 8555), with real DNS. */
@NullMarked
package dev.pgseal.acme;

import org.jspecify.annotations.NullMarked;
