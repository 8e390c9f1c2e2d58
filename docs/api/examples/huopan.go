// Call the distributor API: go run huopan.go
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func call(method, path, query, body string) (string, error) {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	timestamp, nonce := strconv.FormatInt(time.Now().Unix(), 10), hex.EncodeToString(random)
	digest := sha256.Sum256([]byte(body))
	text := strings.Join([]string{method, path, query, timestamp, nonce, hex.EncodeToString(digest[:])}, "\n")
	mac := hmac.New(sha256.New, []byte(os.Getenv("HUOPAN_SECRET")))
	mac.Write([]byte(text))
	url := os.Getenv("HUOPAN_URL") + path
	if query != "" {
		url += "?" + query
	}
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Huopan-Key", os.Getenv("HUOPAN_KEY"))
	request.Header.Set("Huopan-Timestamp", timestamp)
	request.Header.Set("Huopan-Nonce", nonce)
	request.Header.Set("Huopan-Signature", "v1="+hex.EncodeToString(mac.Sum(nil)))
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	return string(read), err
}

func main() {
	answer, err := call("POST", "/api/v1/auth/echo", "q=%E8%8C%B6", `{"name": "茶"}`)
	if err != nil {
		panic(err)
	}
	fmt.Println(answer)
}
