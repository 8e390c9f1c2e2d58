<?php
// Call the distributor API. PHP 8 with curl.
function call(string $method, string $path, string $query = '', string $body = ''): string
{
    $timestamp = (string) time();
    $nonce = bin2hex(random_bytes(16));
    $text = implode("\n", [$method, $path, $query, $timestamp, $nonce, hash('sha256', $body)]);
    $signature = 'v1=' . hash_hmac('sha256', $text, getenv('HUOPAN_SECRET'));
    $curl = curl_init(getenv('HUOPAN_URL') . $path . ($query === '' ? '' : '?' . $query));
    curl_setopt_array($curl, [
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => [
            'Huopan-Key: ' . getenv('HUOPAN_KEY'), 'Huopan-Timestamp: ' . $timestamp,
            'Huopan-Nonce: ' . $nonce, 'Huopan-Signature: ' . $signature,
            'Content-Type: application/json',
        ],
    ]);
    if ($body !== '') {
        curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
    }
    return (string) curl_exec($curl);
}

echo call('POST', '/api/v1/auth/echo', 'q=%E8%8C%B6', '{"name": "茶"}'), "\n";
