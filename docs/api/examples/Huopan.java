// Call the distributor API. Java 17 or newer, nothing to install: java Huopan.java
import java.net.URI;
import java.net.http.*;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Huopan {
    static String call(String method, String path, String query, String body) throws Exception {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String timestamp = Long.toString(System.currentTimeMillis() / 1000);
        String nonce = UUID.randomUUID().toString().replace("-", "");
        String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        String text = String.join("\n", method, path, query, timestamp, nonce, digest);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(System.getenv("HUOPAN_SECRET").getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        String signature = "v1=" + HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        String url = System.getenv("HUOPAN_URL") + path + (query.isEmpty() ? "" : "?" + query);
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(content))
            .headers("Huopan-Key", System.getenv("HUOPAN_KEY"), "Huopan-Timestamp", timestamp,
                "Huopan-Nonce", nonce, "Huopan-Signature", signature, "Content-Type", "application/json")
            .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println(call("POST", "/api/v1/auth/echo", "q=%E8%8C%B6", "{\"name\": \"\u8336\"}"));
    }
}
