<?php
// Receive callbacks. PHP 8: php -S 127.0.0.1:9000 receiver.php
function is_ours(string $body): bool
{
    $secret = base64_decode(preg_replace('/^whsec_/', '', getenv('HUOPAN_WEBHOOK_SECRET')));
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '0';
    $signed = ($_SERVER['HTTP_WEBHOOK_ID'] ?? '') . '.' . $timestamp . '.' . $body;
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $secret, true));
    $is_fresh = abs(time() - (int) $timestamp) <= 300;
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $given) {
        if ($is_fresh && hash_equals($expected, $given)) {
            return true;
        }
    }
    return false;
}

$body = file_get_contents('php://input');  // the bytes as they came
if (!is_ours($body)) {
    http_response_code(400);
    exit;
}
// Drop an event whose id is known, and obey the greater object_version.
$event = json_decode($body, true);
file_put_contents('php://stdout', "{$event['type']} {$event['id']} " . ($event['data']['out_order_no'] ?? '') . "\n");
http_response_code(204);
