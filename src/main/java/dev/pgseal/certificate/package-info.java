/** Authorities, issued and provided certificates, PEM. Pure, and the only user of Bouncy Castle. */
@NullMarked
package dev.pgseal.certificate;

import org.jspecify.annotations.NullMarked;
