/**
 * The verbs on one server: read its SSL state, install a certificate, switch ssl, enforce, drain,
 * verify.
 */
@NullMarked
package dev.pgseal.tls;

import org.jspecify.annotations.NullMarked;
