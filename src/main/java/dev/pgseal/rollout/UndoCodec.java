package dev.pgseal.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import jakarta.enterprise.context.ApplicationScoped;

/** Writes and reads what steps keep for their undo; the job store seals the text. */
@ApplicationScoped
public class UndoCodec {

  private final ObjectMapper json =
      new ObjectMapper().registerModule(new Jdk8Module()).registerModule(new JavaTimeModule());

  public String write(Object undo) {
    try {
      return json.writeValueAsString(undo);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("undo of type " + undo.getClass().getName(), e);
    }
  }

  public <T> T read(String undo, Class<T> type) {
    try {
      return json.readValue(undo, type);
    } catch (JsonProcessingException e) {
      // the text can hold a password: neither it nor Jackson's excerpt of it may go on
      throw new IllegalStateException("unreadable undo of type " + type.getName());
    }
  }
}
