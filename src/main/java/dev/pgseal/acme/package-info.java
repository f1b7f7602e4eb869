/** Certificates from CAs outside, by ACME (RFC 8555). */
@NullMarked
package dev.pgseal.acme;

import org.jspecify.annotations.NullMarked;
