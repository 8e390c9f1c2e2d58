// Receive callbacks: go run receiver.go
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Check time and signature over the bytes as they came.
func isOurs(header http.Header, body []byte) bool {
	secret, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("HUOPAN_WEBHOOK_SECRET"), "whsec_"))
	timestamp, _ := strconv.ParseInt(header.Get("webhook-timestamp"), 10, 64)
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%d.%s", header.Get("webhook-id"), timestamp, body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	fresh := math.Abs(float64(time.Now().Unix()-timestamp)) <= 300
	for _, given := range strings.Fields(header.Get("webhook-signature")) {
		if fresh && hmac.Equal([]byte(given), []byte(expected)) {
			return true
		}
	}
	return false
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "9000"
	}
	http.HandleFunc("/", func(answer http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		if !isOurs(request.Header, body) {
			answer.WriteHeader(http.StatusBadRequest)
			return
		}
		// Drop an event whose id is known, and obey the greater object_version.
		var event struct {
			Type, Id string
			Data     struct {
				OutOrderNo string `json:"out_order_no"`
			}
		}
		json.Unmarshal(body, &event)
		fmt.Println(event.Type, event.Id, event.Data.OutOrderNo)
		answer.WriteHeader(http.StatusNoContent)
	})
	fmt.Println(http.ListenAndServe("127.0.0.1:"+port, nil))
}
