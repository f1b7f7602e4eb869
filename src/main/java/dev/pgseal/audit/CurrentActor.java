package dev.pgseal.audit;

import java.util.function.Supplier;

/** Who acts just now: the caller of the request, or who the thread says ({@link Actors}). */
public interface CurrentActor extends Supplier<Actor> {}
