// 从 Java 系统报送：每行一件事件的文件，经 HTTP 或 AMQP，直到每件都有回执。没有回执的以原编号再发，重复无害。
// Reports a file of events, one a line, by HTTP or AMQP, until each has a receipt; what has none is sent again.
//
// java -cp amqp-client.jar:slf4j-api.jar:gson.jar Report.java events.jsonl https://qihang.example.cn/s/participation
// java -cp ...                                        Report.java events.jsonl amqps://mq.example.cn:5671/qihang
// TOKEN, or AMQP_USER, AMQP_PASSWORD and CA (a file) come from the environment.

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

public class Report {
    public static void main(String[] args) throws Exception {
        Map<String, JsonObject> events = new LinkedHashMap<>(); // by id; of one source
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            JsonObject event = new JsonParser().parse(line).getAsJsonObject();
            events.put(event.get("id").getAsString(), event);
        }
        Map<String, JsonObject> receipts = new ConcurrentHashMap<>();
        if (args[1].startsWith("http")) {
            byHttp(args[1], events, receipts);
        } else {
            byAmqp(args[1], events, receipts);
        }
        events.keySet().forEach(id -> System.out.println(receipts.get(id)));
    }

    /** At most 1,000 events and 1 MiB a body. */
    static void byHttp(String address, Map<String, JsonObject> events, Map<String, JsonObject> receipts)
            throws InterruptedException {
        JsonArray batch = new JsonArray();
        events.values().forEach(batch::add);
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/api/intake"))
                .header("Authorization", "Bearer " + System.getenv("TOKEN"))
                .header("Content-Type", "application/cloudevents-batch+json")
                .POST(HttpRequest.BodyPublishers.ofString(new Gson().toJson(batch))).build();
        HttpClient client = HttpClient.newHttpClient();
        for (long pause = 1; receipts.size() < events.size(); pause = Math.min(pause * 2, 60)) {
            try {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 200) {
                    JsonObject body = new JsonParser().parse(answer.body()).getAsJsonObject();
                    for (JsonElement receipt : body.getAsJsonArray("receipts")) {
                        note(receipt.getAsJsonObject(), receipts);
                    }
                    continue;
                }
                if (answer.statusCode() != 429 && answer.statusCode() < 500) {
                    throw new IllegalStateException(answer.body());
                }
                pause = Math.max(pause, answer.headers().firstValueAsLong("Retry-After").orElse(0));
            } catch (IOException noAnswer) {
                System.err.println("again in " + pause + " s: " + noAnswer);
            }
            Thread.sleep(pause * 1000);
        }
    }

    static void byAmqp(String address, Map<String, JsonObject> events, Map<String, JsonObject> receipts)
            throws Exception {
        String user = System.getenv("AMQP_USER");
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(address);
        factory.setUsername(user);
        factory.setPassword(System.getenv("AMQP_PASSWORD"));
        if (address.startsWith("amqps")) {
            factory.useSslProtocol(trusting(Path.of(System.getenv("CA"))));
            factory.setSocketConfigurator(socket -> { // the certificate must be of that host, too
                SSLParameters parameters = ((SSLSocket) socket).getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                ((SSLSocket) socket).setSSLParameters(parameters);
            });
        }
        AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder().deliveryMode(2).userId(user)
                .contentType("application/cloudevents+json").contentEncoding("utf-8").build();
        try (Connection connection = factory.newConnection()) {
            Channel reading = connection.createChannel();
            Channel writing = connection.createChannel();
            writing.confirmSelect();
            reading.basicConsume("qihang.receipts." + user, false, (tag, message) -> {
                String text = new String(message.getBody(), StandardCharsets.UTF_8);
                note(new JsonParser().parse(text).getAsJsonObject(), receipts);
                reading.basicAck(message.getEnvelope().getDeliveryTag(), false); // kept first, where it is kept
            }, tag -> { });
            while (!receipts.keySet().containsAll(events.keySet())) {
                for (Map.Entry<String, JsonObject> each : events.entrySet()) {
                    if (!receipts.containsKey(each.getKey())) {
                        byte[] body = new Gson().toJson(each.getValue()).getBytes(StandardCharsets.UTF_8);
                        String type = each.getValue().get("type").getAsString();
                        writing.basicPublish("qihang.intake." + user, type, properties, body);
                    }
                }
                writing.waitForConfirms(30_000); // a nack: the queue is full, and it is published again
                for (int n = 0; n < 100 && !receipts.keySet().containsAll(events.keySet()); n++) {
                    Thread.sleep(100);
                }
            }
        }
    }

    static void note(JsonObject receipt, Map<String, JsonObject> receipts) {
        JsonObject data = receipt.getAsJsonObject("data");
        receipts.put(data.get("id").getAsString(), data);
    }

    static SSLContext trusting(Path ca) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        trusted.setCertificateEntry("qihang", CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(ca))));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.2");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
