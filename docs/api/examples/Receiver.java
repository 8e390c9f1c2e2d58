// Receive callbacks. Java 17 or newer, nothing to install: java Receiver.java
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Receiver {
    static final byte[] SECRET =
        Base64.getDecoder().decode(System.getenv("HUOPAN_WEBHOOK_SECRET").replaceFirst("^whsec_", ""));

    // Check time and signature over the bytes as they came.
    static boolean isOurs(Headers headers, byte[] body) throws Exception {
        String timestamp = String.valueOf(headers.getFirst("webhook-timestamp"));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        mac.update((headers.getFirst("webhook-id") + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        boolean isFresh = timestamp.matches("\\d{1,12}")
            && Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) <= 300;
        for (String given : String.valueOf(headers.getFirst("webhook-signature")).split(" ")) {
            if (isFresh && MessageDigest.isEqual(given.getBytes(), expected.getBytes())) return true;
        }
        return false;
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "9000"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            boolean ours;
            try {
                ours = isOurs(exchange.getRequestHeaders(), body);
            } catch (Exception error) {
                ours = false;
            }
            // Drop an event whose id is known, and obey the greater object_version.
            if (ours) System.out.println(new String(body, StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(ours ? 204 : 400, -1);
            exchange.close();
        });
        server.start();
    }
}
